// Answers of the cube as cells that the screen draws.

import type { Answer, Measure } from '../api/wire';
import { UNASSIGNED, type Level } from './levels';

export type Values = Partial<Record<Measure, number | null>>;

/** One member with its figures now and, where they are known, a year before. */
export interface Cell {
  key: string;
  name: string;
  now: Values;
  before: Values | null;
}

/** The cells of an answer with one row level, in its order. O(rows). */
export function cellsOf(answer: Answer, before: Answer | null): Cell[] {
  const rowLevel = answer.columns[0] ?? '';
  const names = answer.members[rowLevel] ?? {};
  const earlier = before ? valuesByKey(before) : null;
  return [...valuesByKey(answer)].map(([key, now]) => ({
    key,
    name: names[key] ?? key,
    now,
    before: earlier?.get(key) ?? null,
  }));
}

/** The figure of a measure; null when there is none. */
export const figure = (values: Values | null | undefined, measure: Measure): number | null => values?.[measure] ?? null;

/** Growth from `before` to `now` as a ratio; null where it says nothing. */
export const change = (now: number | null, before: number | null): number | null =>
  now === null || before === null || before === 0 ? null : (now - before) / Math.abs(before);

/** The place of each key by a measure, 1 the greatest; members without a value have none. O(n log n). */
export function ranks(cells: readonly Cell[], measure: Measure): Map<string, number> {
  const placed = cells.filter((cell) => cell.key !== UNASSIGNED && figure(cell.now, measure) !== null);
  placed.sort((a, b) => (figure(b.now, measure) ?? 0) - (figure(a.now, measure) ?? 0));
  return new Map(placed.map((cell, index) => [cell.key, index + 1]));
}

/** A cell of the map or the table: a region of a level. */
export interface RegionCell extends Cell {
  level: Level;
}

export const regionCells = (level: Level, answer: Answer, before: Answer | null): RegionCell[] =>
  cellsOf(answer, before).map((cell) => ({ ...cell, level }));

/** Districts of which another one here has the same name, as a town and the district around it. O(n). */
export function namesakes(cells: readonly RegionCell[]): RegionCell[] {
  const counts = new Map<string, number>();
  const districts = cells.filter(({ level, key }) => level === 'district' && key !== UNASSIGNED);
  for (const { name } of districts) counts.set(name, (counts.get(name) ?? 0) + 1);
  return districts.filter(({ name }) => (counts.get(name) ?? 0) > 1);
}

function valuesByKey(answer: Answer): Map<string, Values> {
  const dimensions = answer.columns.filter((column) => column.includes('.')).length;
  const measures = answer.columns.slice(dimensions) as Measure[];
  return new Map(
    answer.rows.map((row) => [
      String(row[0]),
      Object.fromEntries(measures.map((measure, index) => [measure, row[dimensions + index]])) as Values,
    ]),
  );
}
