// Where the marks of charts stand, in pixels.

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * Rectangles whose areas are as the values, greatest first, as near to squares as a row allows.
 * Bruls, Huizing, van Wijk: Squarified Treemaps (2000). Values must be positive and in falling order. O(n²) at worst.
 */
export function treemap(values: readonly number[], width: number, height: number): Box[] {
  const sum = values.reduce((all, value) => all + value, 0);
  if (sum <= 0 || width <= 0 || height <= 0) return [];
  const areas = values.map((value) => (value / sum) * width * height);
  const boxes: Box[] = [];
  let free: Box = { x: 0, y: 0, width, height };
  let start = 0;
  while (start < areas.length) {
    const side = Math.min(free.width, free.height);
    let end = start + 1;
    while (end < areas.length && worst(areas.slice(start, end + 1), side) <= worst(areas.slice(start, end), side))
      end += 1;
    const row = areas.slice(start, end);
    const depth = row.reduce((all, area) => all + area, 0) / side;
    let along = 0;
    for (const area of row) {
      const length = area / depth;
      boxes.push(
        free.width >= free.height
          ? { x: free.x, y: free.y + along, width: depth, height: length }
          : { x: free.x + along, y: free.y, width: length, height: depth },
      );
      along += length;
    }
    free =
      free.width >= free.height
        ? { ...free, x: free.x + depth, width: free.width - depth }
        : { ...free, y: free.y + depth, height: free.height - depth };
    start = end;
  }
  return boxes;
}

/** The greatest ratio of sides in a row of areas along `side`. */
function worst(row: readonly number[], side: number): number {
  const sum = row.reduce((all, area) => all + area, 0);
  const [greatest, least] = [Math.max(...row), Math.min(...row)];
  return Math.max((side ** 2 * greatest) / sum ** 2, sum ** 2 / (side ** 2 * least));
}

/** A scale from `0` or the least value to the greatest, with round ticks. */
export interface Axis {
  from: number;
  to: number;
  ticks: number[];
}

export function axisOf(values: readonly number[], count = 4): Axis {
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const rough = (high - low || 1) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10) * power;
  const [from, to] = [Math.floor(low / step) * step, Math.ceil(high / step) * step || step];
  const ticks = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, index) => from + index * step);
  return { from, to, ticks };
}

/** The part of an axis at which a value lies, 0 to 1. */
export const along = ({ from, to }: Axis, value: number): number => (value - from) / (to - from);
