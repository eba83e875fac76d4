// Classes of the map: where one colour ends and the next begins.

import { naturalBreaks } from './natural';
import type { Method } from './look';

export interface Classes {
  /** Ascending, one more than there are classes; class i holds `bounds[i] <= value < bounds[i + 1]`, the last both. */
  bounds: number[];
  /** How many values each class holds. */
  counts: number[];
  /** Whether each class is of one value: its lower bound. */
  single: boolean;
  /** The value at which a diverging palette turns; null for the middle class. */
  turn: number | null;
}

/** Where classes begin and end, whatever values are put into them. */
export interface Fit {
  /** The bounds between the classes, ascending; of a continuous scale its two ends. */
  breaks: readonly number[];
  turn: number | null;
}

/** What the classes are to be made by. */
export interface Wish {
  method: Method;
  count: number;
  /** Bounds between classes, for `manual`. */
  breaks: readonly number[];
  /** Whether the palette is to turn at zero, where there are values on both sides of it. */
  turns: boolean;
}

/** From so many values on, a continuous scale ends short of the outermost ones. */
const ENOUGH_FOR_TAILS = 50;
/** The part of the values that a continuous scale leaves out at each end. */
const TAIL = 0.02;
/** The part of the values on the lesser side of zero from which on both sides count. */
const ENOUGH_OUTSIDE = 0.05;

/**
 * The classes that fit some values; null where there are none. Equal values never fall into two
 * classes, so there may be fewer than asked for; of quantiles and natural breaks, few values that
 * differ have a class each. O(n log n).
 */
export function fitted(values: readonly number[], wish: Wish): Fit | null {
  const sorted = [...values].sort((a, b) => a - b);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return null;
  const breaks = breaksOf(sorted, first, last, wish);
  if (wish.method === 'deviation') return { breaks, turn: meanOf(sorted) };
  if (!wish.turns || first >= 0 || last <= 0) return { breaks, turn: null };
  return { breaks: isFree(wish.method) ? withZero(breaks) : breaks, turn: 0 };
}

/**
 * The classes of a fit with their values; null where there are none. The outer ends are those of the
 * values, so classes that were made for others may be empty and still take every value.
 */
export function classesOf(values: readonly number[], { breaks, turn }: Fit, method: Method): Classes | null {
  if (values.length === 0) return null;
  const least = values.reduce((low, value) => Math.min(low, value), Infinity);
  const greatest = values.reduce((high, value) => Math.max(high, value), -Infinity);
  const [low = least, high = greatest] = [breaks[0], breaks.at(-1)];
  const bounds = method === 'continuous' ? [low, high] : [Math.min(least, low), ...breaks, Math.max(greatest, high)];
  const counts = Array.from({ length: bounds.length - 1 }, () => 0);
  for (const value of values) {
    const index = classOf({ bounds }, value);
    counts[index] = (counts[index] ?? 0) + 1;
  }
  const single = values.every((value) => bounds.includes(value)) && bounds.at(-1) === bounds.at(-2);
  return { bounds, counts, single, turn };
}

/** Whether values lie on both sides of zero, not just a few of them. O(n). */
export function isTwoSided(values: readonly number[]): boolean {
  const below = values.filter((value) => value < 0).length;
  const above = values.filter((value) => value > 0).length;
  return Math.min(below, above) >= values.length * ENOUGH_OUTSIDE && below > 0;
}

/** The class of a value; one outside belongs to the class at that end. O(classes). */
export function classOf({ bounds }: Pick<Classes, 'bounds'>, value: number): number {
  for (let index = bounds.length - 2; index > 0; index -= 1) {
    const bound = bounds[index];
    if (bound !== undefined && value >= bound) return index;
  }
  return 0;
}

/** Where a value stands on a continuous scale, 0 to 1. */
export function positionOf({ bounds }: Pick<Classes, 'bounds'>, value: number): number {
  const [low = 0, high = 0] = [bounds[0], bounds.at(-1)];
  return high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5;
}

function breaksOf(sorted: readonly number[], first: number, last: number, wish: Wish): number[] {
  const { method, count } = wish;
  if (method === 'manual' && wish.breaks.length > 0) return [...wish.breaks];
  if (method === 'continuous') return tails(sorted, first, last);
  if (method === 'equal') return intervals(first, last, count);
  if (method === 'deviation') return deviations(sorted, first, last, count);
  const distinct = [...new Set(sorted)];
  if (distinct.length <= count) return distinct.slice(1);
  return method === 'natural' ? naturalBreaks(sorted, count) : quantiles(sorted, count);
}

/** Whether a bound may be moved without making the method untrue. */
const isFree = (method: Method): boolean => method === 'quantile' || method === 'natural';

/** With zero in the place of the bound that is nearest to it: no class holds gains and losses. */
function withZero(breaks: readonly number[]): number[] {
  const nearest = breaks.reduce((best, bound) => (Math.abs(bound) < Math.abs(best) ? bound : best), Infinity);
  return Number.isFinite(nearest) ? breaks.map((bound) => (bound === nearest ? 0 : bound)) : [0];
}

/** As many values in each class as in the others; a value that fills one alone leaves the rest to the others. */
function quantiles(sorted: readonly number[], count: number): number[] {
  const breaks: number[] = [];
  let start = 0;
  for (let left = count; left > 1 && start < sorted.length; left -= 1) {
    const from = sorted[start];
    let next = start + Math.round((sorted.length - start) / left);
    while (next < sorted.length && sorted[next] === from) next += 1;
    const bound = sorted[next];
    if (bound === undefined) break;
    while (sorted[next - 1] === bound) next -= 1;
    breaks.push(bound);
    start = next;
  }
  return breaks;
}

function intervals(first: number, last: number, count: number): number[] {
  if (first === last) return [];
  return Array.from({ length: count - 1 }, (_, part) => first + ((last - first) * (part + 1)) / count);
}

/** Classes as wide as the standard deviation, around the mean; those without a place for values are left out. */
function deviations(sorted: readonly number[], first: number, last: number, count: number): number[] {
  const mean = meanOf(sorted);
  const width = Math.sqrt(meanOf(sorted.map((value) => (value - mean) ** 2)));
  return Array.from({ length: count - 1 }, (_, index) => mean + (index - (count - 2) / 2) * width).filter(
    (bound) => bound > first && bound <= last,
  );
}

/** The ends of a continuous scale: a few values far out would leave one colour for all the others. */
function tails(sorted: readonly number[], first: number, last: number): number[] {
  if (sorted.length < ENOUGH_FOR_TAILS) return [first, last];
  const cut = Math.floor(sorted.length * TAIL);
  return [sorted[cut] ?? first, sorted[sorted.length - 1 - cut] ?? last];
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
