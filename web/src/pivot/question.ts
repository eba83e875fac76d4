// The questions behind a pivot: one for each depth of opened members, so that opened members keep
// their own figures.

import type { Axis, Question } from '../api/wire';
import type { Comparison, Unfolded } from '../view/workspace';

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

/** A level with the members below `path` that are opened. */
function axisOf(level: string, path: string[], unfolded: readonly Unfolded[]): Axis {
  const here = unfolded.filter(
    (one) => one.path.length === path.length + 1 && path.every((key, i) => one.path[i] === key),
  );
  if (here.length === 0) return level;
  const opened = here.map((one): [string, Axis] => [one.path.at(-1) ?? '', axisOf(one.level, one.path, unfolded)]);
  return { level, expand: Object.fromEntries(opened) };
}
