// What the map is given to show, and what it tells in return.

import type { Position, Precision } from '../api/wire';
import type { AreaGroup } from '../view/areas';
import type { Level, RegionRef } from '../view/levels';
import type { Paint } from '../view/paint';
import type { Camera, Shown } from '../view/screen';
import type { Palette } from './layers';
import type { StreetLook } from './streets';

/** Everything the map shows, as one value. */
export interface Scene {
  groups: readonly AreaGroup[];
  /** Paint by key, for each level. */
  paints: ReadonlyMap<Level, ReadonlyMap<string, Paint>>;
  shown: Shown;
  /** The region drilled into. */
  scope: RegionRef | null;
  pointed: RegionRef | null;
  selected: Position | null;
  /** Null leaves those that the map began with. */
  sites: SiteScene | null;
  /** The zoom from which customers are drawn. */
  sitesFrom: number;
  /** Customers are only those of these precisions; none means all. */
  precisions: readonly Precision[];
  circles: readonly Circle[];
  /** What stands on regions or in their place. */
  signs: Signs;
  /** A smoothed picture of the customers; null for none. */
  heat: HeatScene | null;
}

/** What stands on regions or in their place. */
export interface Signs {
  /** Circles, the area of which is the value; of values below zero they are hollow. */
  circles: readonly CircleSign[];
  /** Figures that are written. */
  figures: readonly FigureSign[];
  dots: DotSigns;
  hexagons: readonly HexagonSign[];
  glyphs: readonly Glyph[];
}

export interface CircleSign {
  position: Position;
  /** The part of the largest radius that it has. */
  root: number;
  negative: boolean;
}

/** Dots that all stand for the same; those of values below zero are hollow. */
export interface DotSigns {
  above: readonly Position[];
  below: readonly Position[];
}

export interface FigureSign {
  position: Position;
  text: string;
  /** Those that come first keep their place where there is none for all. */
  order: number;
}

export interface HexagonSign {
  key: string;
  ring: readonly Position[];
  paint: Paint;
}

/** A small chart, drawn over the map, with a text beside it where that is wanted and has room. */
export type Glyph = { position: Position; text: string | null } & (
  | { kind: 'pie'; root: number; slices: readonly { colour: string; part: number }[] }
  /** Heights as parts of the greatest, below zero downwards. */
  | { kind: 'bars'; bars: readonly { colour: string; height: number }[] }
);

export const NO_SIGNS: Signs = { circles: [], figures: [], dots: { above: [], below: [] }, hexagons: [], glyphs: [] };

/** Whose weight is smoothed into a picture. */
export interface HeatScene {
  /** Address of the tiles of the customers. */
  tiles: string;
  /** The measure of the tiles that they weigh by. */
  measure: string;
  /** Six, from little to much. */
  colours: readonly string[];
}

/** Which customers are drawn. */
export interface SiteScene {
  /** Address of their tiles. */
  tiles: string;
  /** The measure that the tiles have; null when they tell how many alone. */
  measure: string | null;
}

/** Within which the truth lies nine times of ten. */
export interface Circle {
  position: Position;
  radius_m: number;
  precision: Precision;
  chosen: boolean;
}

export type Target =
  | { kind: 'hexagon'; key: string; position: Position }
  | { kind: 'area'; region: RegionRef; name: string }
  | { kind: 'account'; account: string; name: string; position: Position; value: number | null }
  /** `value` is of the measure that the tiles have, as they tell it; null where it is of others too. */
  | { kind: 'stack'; count: number; position: Position; value: number | null };

export interface Point {
  x: number;
  y: number;
}

export interface MapEvents {
  point: (target: Target | null, at: Point) => void;
  click: (target: Target | null, at: Point, position: Position) => void;
  /** The zoom the map has or is moving to. */
  zoom: (zoom: number) => void;
  /** The reader moved the map. */
  moved: (camera: Camera) => void;
  moving: () => void;
  /** What stands over the map has to move with it. */
  frame: () => void;
  idle: (idle: boolean) => void;
  /** The value of the measure at the largest dot; null when dots tell how many. */
  scaled: (greatest: number | null) => void;
}

export interface MapStart {
  palette: Palette;
  language: 'de' | 'en';
  camera: Camera | null;
  /** How streets are drawn below the areas; null without any. */
  streets: StreetLook | null;
  tiles: (layer: string) => string;
}
