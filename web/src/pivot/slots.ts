// The columns of values in sight, each with what its cells need.

import type { Scale } from '../view/format';
import type { Figure } from './figure';

/** Widths in pixels. */
export interface Sizes {
  name: number;
  column: number;
}

const NAME = { least: 160, most: 340 };
const COLUMN = { least: 96, most: 150 };

/** Widths that fill a room of `width` with `count` columns, as far as that reads well. */
export function sizesOf(width: number, count: number): Sizes {
  const fitting = (width - NAME.least) / Math.max(1, count);
  const column = Math.floor(Math.max(COLUMN.least, Math.min(COLUMN.most, fitting)));
  return { column, name: Math.max(NAME.least, Math.min(NAME.most, width - count * column)) };
}

/** One column of values: a figure of a member of the column levels, or of all of them. */
export interface Slot {
  id: string;
  /** Id of the column members. */
  column: string;
  /** Heading of the members; empty for the total. */
  title: string;
  figure: Figure;
  /** Whether a new member of the column levels begins. */
  first: boolean;
  /** Which figure of the question it is. */
  at: number;
  /** Place among the columns from 1; 0 is the names. */
  place: number;
  /** The figure whose bar fills the cell; 0 for no bars. */
  most: number;
  scale: Scale;
  /** The unit of the column; empty where there is none. */
  unit: string;
}

/** Indices of the columns that are in sight, with one to spare on either side. */
export function inSight(left: number, width: number, count: number, sizes: Sizes): [number, number] {
  const first = Math.max(0, Math.floor(left / sizes.column) - 1);
  return [first, Math.min(count, Math.ceil((left + width - sizes.name) / sizes.column) + 1)];
}

/** Green for more, red for less, deeper up to a change of three tenths. */
export function tint(ratio: number): string | undefined {
  if (ratio === 0) return undefined;
  const share = Math.round(6 + 24 * Math.min(1, Math.abs(ratio) / 0.3));
  return `color-mix(in srgb, var(${ratio > 0 ? '--up' : '--down'}) ${share}%, transparent)`;
}
