// The brush of the month series: pixels to months and back.

/** The month under `x` of a band that is `width` wide, held inside the band. */
export function indexAt(x: number, width: number, count: number): number {
  if (count === 0 || width <= 0) return 0;
  return Math.max(0, Math.min(count - 1, Math.floor((x / width) * count)));
}

/** A range of months, first and last in order. */
export const spanOf = (a: number, b: number): [number, number] => (a <= b ? [a, b] : [b, a]);

/** The filled curve through the middle of each month, as an SVG path; months without value stand on the ground. */
export function areaPath(values: readonly number[], width: number, height: number): { line: string; area: string } {
  if (values.length === 0) return { line: '', area: '' };
  const [low, high] = [Math.min(0, ...values), Math.max(1, ...values)];
  const step = width / values.length;
  const y = (value: number) => height - ((value - low) / (high - low)) * (height - 4);
  const points = values.map((value, index) => `${((index + 0.5) * step).toFixed(1)} ${y(value).toFixed(1)}`);
  const ground = y(0).toFixed(1);
  const line = `M${points.join('L')}`;
  return {
    line,
    area: `${line}L${((values.length - 0.5) * step).toFixed(1)} ${ground}L${(0.5 * step).toFixed(1)} ${ground}Z`,
  };
}

/** Where years begin, in pixels; a broken first year is left out where the next leaves no room for it. */
export function yearMarks(months: readonly string[], step: number, room: number): { year: string; x: number }[] {
  const marks = months.flatMap((month, index) =>
    month.endsWith('-01') || index === 0 ? [{ year: month.slice(0, 4), x: index * step }] : [],
  );
  const [first, second] = marks;
  return first && second && second.x - first.x < room ? marks.slice(1) : marks;
}
