// The questions behind a pivot: one for each depth of opened members, so that opened members keep
// their own figures.

import type { Axis, Question } from '../api/wire';
import type { Comparison, PivotSort, Unfolded } from '../view/workspace';
import { isTime } from './tree';

/** What a pivot shows, with every automatic choice made. */
export interface Layout {
  rows: string[];
  columns: string[];
  /** Words of the figures that were chosen. */
  figures: string[];
  compare: Comparison | null;
  unfolded: Unfolded[];
}

/** The questions of a layout, that without opened members first. */
export function questionsOf(layout: Layout, measures: string[], scope: Partial<Question>): Question[] {
  const last = layout.rows.at(-1);
  const unfolded = layout.unfolded.filter(({ axis }) => axis === last);
  const depths = Math.max(0, ...unfolded.map(({ path }) => path.length));
  return Array.from({ length: depths + 1 }, (_, depth) => ({
    measures,
    rows: layout.rows.map((level) =>
      level === last
        ? axisOf(
            level,
            [],
            unfolded.filter(({ path }) => path.length <= depth),
          )
        : level,
    ),
    columns: layout.columns,
    ...scope,
    subtotals: true,
    ...(layout.compare ? { compare: layout.compare } : {}),
  }));
}

/**
 * The one question whose answer is what the pivot shows as a flat table: opened members are replaced
 * by what they hold, and rows are in the pivot's order as far as one order of rows can tell it.
 */
export function flatQuestion(layout: Layout, scope: Partial<Question>, sort: PivotSort | null): Question {
  const question = questionsOf(layout, layout.figures, scope).at(-1) ?? { measures: layout.figures, rows: [] };
  const outer = layout.rows.slice(0, -1).map((by) => ({ by, descending: false }));
  return { ...question, subtotals: false, sort: [...outer, lastOrder(layout, sort)] };
}

/** The order of the last row level. That of one column among many is not one of rows: its figure is taken. */
function lastOrder({ rows, figures }: Layout, sort: PivotSort | null): { by: string; descending: boolean } {
  const last = rows.at(-1) ?? '';
  if (sort ? sort.by === '' : isTime(last)) return { by: last, descending: sort?.descending ?? false };
  const by = sort?.by.split('|').at(-1) ?? figures[0] ?? '';
  return { by, descending: sort?.descending ?? true };
}

/** A level with the members below `path` that are opened. */
function axisOf(level: string, path: string[], unfolded: readonly Unfolded[]): Axis {
  const here = unfolded.filter(
    (one) => one.path.length === path.length + 1 && path.every((key, i) => one.path[i] === key),
  );
  if (here.length === 0) return level;
  const opened = here.map((one): [string, Axis] => [one.path.at(-1) ?? '', axisOf(one.level, one.path, unfolded)]);
  return { level, expand: Object.fromEntries(opened) };
}
