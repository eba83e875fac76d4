// The customers on the map that the filters of the screen mean, and the figure that their dots show.

import type { Measure, MeasureUnit, Model, Question, TileJson } from '../api/wire';
import { asked, scopeOf, type Scope } from './question';
import type { Ask } from './screen';

/** What the server says of the customers that a question means. */
export interface MeantSites {
  /** Address of the tiles of their sites. */
  tiles: string;
  /** What is summed for each point, under its word. */
  measure: Measure;
  /** Customers that have a position. */
  placed: number;
  /** Customers that have none. */
  unplaced: number;
}

/** What stands in the place of a measure that does not add up over customers. */
export const INSTEAD: Measure = 'revenue';

/** The measure that points of several customers can show: the chosen one if it adds up over them. */
export function siteMeasure(chosen: Measure, model: Model): Measure {
  const known = model.measures.find(({ id }) => id === chosen);
  return known?.available && known.additivity !== 'nowhere' ? chosen : INSTEAD;
}

/**
 * The question of the customers with sales in the days and filters of the screen, wherever they are:
 * the map shows the region itself. Null without sales.
 */
export function sitesQuestion(ask: Ask, model: Model): Question | null {
  if (model.lines === 0) return null;
  return sitesIn({ ...scopeOf(ask, model), region: null }, ask.measure, model);
}

/** The question of the customers that have sales in a scope, by a measure or what stands in its place. */
export const sitesIn = (scope: Scope, measure: Measure, model: Model): Question => ({
  measures: [siteMeasure(measure, model)],
  rows: [],
  ...asked(scope),
});

/** What a TileJSON tells of the customers that were asked for. */
export function meantSites(measure: Measure, json: TileJson): MeantSites {
  const [all, unplaced] = [json.total?.count ?? 0, json.without_site?.count ?? 0];
  return { tiles: tilesIn(json), measure, placed: all - unplaced, unplaced };
}

/** The address of the tiles of a TileJSON. */
export const tilesIn = ({ tiles }: TileJson): string => tiles[0] ?? '';

/** A figure of a tile as the screen counts: quantities travel as thousandths. */
export const siteFigure = (value: number, unit: MeasureUnit): number => (unit === 'quantity' ? value / 1000 : value);

/** The least of 1, 2, 5, 10, 20 … that is not below `value`; null for nothing above zero. */
export function roundAbove(value: number): number | null {
  if (!(value > 0) || !Number.isFinite(value)) return null;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((step) => step * power >= value) ?? 10) * power;
}
