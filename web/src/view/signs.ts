// What stands on regions instead of filling them: where, and how large.

import type { Position } from '../api/wire';
import { figure, type RegionCell } from './answer';
import { UNASSIGNED, type Level } from './levels';
import { isFew, type Judged } from './paint';

/** A region that carries something. */
export interface Sign {
  level: Level;
  key: string;
  position: Position;
  value: number;
}

/** The regions that have a value and a place, the greatest first, so that small signs lie above large ones. */
export function signsOf(
  cells: readonly RegionCell[],
  judged: Judged,
  placeOf: (cell: RegionCell) => Position | null,
): Sign[] {
  const signs = cells.flatMap((cell): Sign[] => {
    const { level, key, now } = cell;
    const [value, position] = [figure(now, judged.measure), placeOf(cell)];
    if (value === null || position === null || key === UNASSIGNED || isFew(now, judged)) return [];
    return [{ level, key, position, value }];
  });
  return signs.sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
}

/** Zooms and the radius of the largest sign there, in pixels; between them it grows evenly. */
export const SIGN_RADII: readonly (readonly [zoom: number, radius: number])[] = [
  [3, 18],
  [6, 38],
  [10, 60],
];

/** The radius of the largest sign at a zoom, in pixels. */
export function signRadius(zoom: number): number {
  const [first, last] = [SIGN_RADII[0], SIGN_RADII.at(-1)];
  if (!first || !last || zoom <= first[0]) return first?.[1] ?? 0;
  for (let index = 1; index < SIGN_RADII.length; index += 1) {
    const [from, to] = [SIGN_RADII[index - 1], SIGN_RADII[index]];
    if (from && to && zoom <= to[0]) return from[1] + ((to[1] - from[1]) * (zoom - from[0])) / (to[0] - from[0]);
  }
  return last[1];
}

/** The size of the figures at regions, in pixels, by zoom; between them it grows evenly. */
export const TEXT_SIZES = { far: { zoom: 4, size: 10.5 }, near: { zoom: 10, size: 13 } } as const;

/** The size of the figures at a zoom, in pixels. */
export function textSize(zoom: number): number {
  const { far, near } = TEXT_SIZES;
  const part = Math.min(1, Math.max(0, (zoom - far.zoom) / (near.zoom - far.zoom)));
  return far.size + part * (near.size - far.size);
}

/** West, north, east and south, in pixels. */
export type Box = readonly [number, number, number, number];

/** Whether two boxes have anything in common. */
export const overlaps = (a: Box, b: Box): boolean => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

/** The part of the largest radius that a value has, so that areas are in proportion. */
export const rootOf = (value: number, most: number): number => (most > 0 ? Math.sqrt(Math.abs(value) / most) : 0);

/** Three round values for a legend of sizes, of which the largest is not above `most`. */
export function sizesOf(most: number): number[] {
  const largest = roundBelow(most);
  return [largest, roundBelow(largest / 4), roundBelow(largest / 20)];
}

/** The greatest of 1, 2, 5, 10, 20 … that is not above `value`; 0 for nothing above zero. */
function roundBelow(value: number): number {
  if (!(value > 0)) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([5, 2, 1].find((step) => step * power <= value) ?? 1) * power;
}
