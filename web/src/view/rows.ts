// The table as a flat list of rows: sorted cells with opened branches in place.

import { change, figure, type RegionCell } from './answer';
import { isFiner, isFinest, sameRegion, UNASSIGNED, type Level, type RegionRef } from './levels';
import type { Measure } from '../api/wire';

export type SortBy = 'name' | 'value' | 'change' | 'customers' | 'share';

export interface Sort {
  by: SortBy;
  descending: boolean;
}

/** An opened region with its children; null while they load. */
export interface Branch {
  region: RegionRef;
  child: Level | null;
  cells: RegionCell[] | null;
}

export interface Row {
  cell: RegionCell;
  depth: number;
  openable: boolean;
  open: boolean;
  /** Index of the row it lies under; null at the top. */
  parent: number | null;
}

/** Rows in the order of `sort`, `unassigned` always last of its branch. O(n log n). */
export function tableRows(
  cells: readonly RegionCell[],
  branches: readonly Branch[],
  sort: Sort,
  measure: Measure,
  locale: string,
): Row[] {
  const rows: Row[] = [];
  const compare = comparison(sort, measure, locale);
  const add = (list: readonly RegionCell[], depth: number, parent: number | null) => {
    for (const cell of [...list].sort(compare)) {
      const branch = branches.find(({ region }) => sameRegion(region, cell));
      const openable = cell.key !== UNASSIGNED && !isFinest(cell);
      rows.push({ cell, depth, openable, open: branch !== undefined, parent });
      if (branch?.cells) add(branch.cells, depth + 1, rows.length - 1);
    }
  };
  add(cells, 0, null);
  return rows;
}

/** The greatest absolute value among rows that have a place, for the bars behind the figures. */
export const greatest = (cells: readonly RegionCell[], measure: Measure): number =>
  cells.reduce((most, cell) => Math.max(most, Math.abs(figure(cell.now, measure) ?? 0)), 0);

/** The row a finer area belongs to, when the table shows only what holds it; -1 for none. */
export function rowHolding(rows: readonly Row[], holds: (region: RegionRef) => boolean): number {
  let found = -1;
  rows.forEach(({ cell }, index) => {
    const finest = found < 0 ? null : rows[found];
    if (holds(cell) && (!finest || isFiner(cell.level, finest.cell.level))) found = index;
  });
  return found;
}

function comparison(sort: Sort, measure: Measure, locale: string): (a: RegionCell, b: RegionCell) => number {
  const collator = new Intl.Collator(locale, { numeric: true });
  const direction = sort.descending ? -1 : 1;
  const valueOf = (cell: RegionCell): number | null => {
    const now = figure(cell.now, measure);
    if (sort.by === 'change') return change(now, figure(cell.before, measure));
    return sort.by === 'customers' ? figure(cell.now, 'customers') : now;
  };
  return (a, b) => {
    const outside = Number(a.key === UNASSIGNED) - Number(b.key === UNASSIGNED);
    if (outside !== 0) return outside;
    if (sort.by === 'name') return direction * collator.compare(a.name, b.name);
    const [left, right] = [valueOf(a), valueOf(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return direction * (left - right) || collator.compare(a.name, b.name);
  };
}
