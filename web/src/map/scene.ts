// What the map is given to show, and what it tells in return.

import type { Position, Precision } from '../api/wire';
import type { AreaGroup } from '../view/areas';
import type { Level, RegionRef } from '../view/levels';
import type { Paint } from '../view/paint';
import type { Camera, Shown } from '../view/screen';
import type { Palette } from './layers';

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
  tiles: (layer: string) => string;
}
