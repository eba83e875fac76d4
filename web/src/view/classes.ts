// Quantile classes of the choropleth.

/** Number of steps of the colour ramp. */
export const RAMP_STEPS = 7;

export interface Classes {
  /** Ascending, one more than there are classes; class i holds `bounds[i] <= value < bounds[i + 1]`, the last both. */
  bounds: number[];
  /** The step of the ramp of each class, so that few classes still span light to dark. */
  steps: number[];
}

/**
 * Quantile classes of the values that are there; null when there are none. Equal values never
 * fall into two classes, so there may be fewer than asked for; few distinct values have one each.
 * O(n log n).
 */
export function quantiles(values: readonly (number | null)[], count = RAMP_STEPS): Classes | null {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return null;
  const distinct = [...new Set(sorted)];
  const bounds = distinct.length <= count ? distinct : [first];
  for (let part = 1; part < count && bounds !== distinct; part += 1) {
    const bound = sorted[Math.floor((part * sorted.length) / count)] ?? last;
    if (bound > (bounds.at(-1) ?? first) && bound <= last) bounds.push(bound);
  }
  bounds.push(last);
  const classes = bounds.length - 1;
  const steps = Array.from({ length: classes }, (_, index) =>
    classes === 1 ? Math.floor(RAMP_STEPS / 2) : Math.round((index * (RAMP_STEPS - 1)) / (classes - 1)),
  );
  return { bounds, steps };
}

/** The class of a value; null for no value or one outside the classes. O(classes). */
export function classOf(classes: Classes, value: number | null): number | null {
  const { bounds } = classes;
  const [first, last] = [bounds[0], bounds.at(-1)];
  if (value === null || first === undefined || last === undefined || value < first || value > last) return null;
  for (let index = bounds.length - 2; index > 0; index -= 1) {
    const bound = bounds[index];
    if (bound !== undefined && value >= bound) return index;
  }
  return 0;
}
