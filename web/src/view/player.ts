// A stretch of months that moves on by itself.

/** How far it moves at a time, in months. */
export const STEPS = { month: 1, quarter: 3, year: 12 } as const;
export type Step = keyof typeof STEPS;

/** First and last month by their places among those shown. */
export type Span = readonly [number, number];

/** The stretch one step on or back; null where that would leave the months shown. */
export function moved([first, last]: Span, months: number, count: number): Span | null {
  return first + months >= 0 && last + months < count ? [first + months, last + months] : null;
}

/**
 * Where playing begins: at the stretch itself, one step long if it is all there is, and from the
 * beginning again where it has come to the end.
 */
export function opening([first, last]: Span, months: number, count: number): Span {
  if (last - first >= count - 1) return [0, Math.min(months, count) - 1];
  if (moved([first, last], months, count)) return [first, last];
  const back = Math.floor(first / months) * months;
  return [first - back, last - back];
}
