// Natural breaks: the classes whose values differ least from each other.

/** Sums over the distinct values up to each one, so that the spread of any run of them costs one step. */
interface Sums {
  weight: Float64Array;
  sum: Float64Array;
  square: Float64Array;
}

/**
 * The bounds between the `count` classes with the least sum of squared distances from the mean of their
 * class, exactly (ckmeans: Wang and Song 2011, with the halving of Song and Zhong 2020). `sorted` is
 * ascending and has more than `count` distinct values. O(count n log n).
 */
export function naturalBreaks(sorted: readonly number[], count: number): number[] {
  const distinct = [...new Set(sorted)];
  const sums = sumsOf(sorted, distinct);
  const n = distinct.length;
  // Of the values up to each one: the least spread with so many classes, and where the last of them begins.
  let spread = Float64Array.from({ length: n }, (_, end) => spreadOf(sums, 0, end));
  const starts: Int32Array[] = [];
  for (let classes = 2; classes <= count; classes += 1) {
    const next = new Float64Array(n);
    const start = new Int32Array(n);
    fill({ before: spread, next, start, sums }, classes - 1, n - 1, classes - 1, n - 1);
    starts.unshift(start);
    spread = next;
  }
  let end = n - 1;
  const breaks = starts.map((start) => {
    const begin = start[end] ?? 0;
    end = begin - 1;
    return distinct[begin] ?? 0;
  });
  return breaks.reverse();
}

interface Row {
  before: Float64Array;
  next: Float64Array;
  start: Int32Array;
  sums: Sums;
}

/** The best start of the last class moves only upwards with its end: half of the ends bound the others. */
function fill(row: Row, low: number, high: number, from: number, to: number): void {
  if (low > high) return;
  const end = (low + high) >> 1;
  let [best, at] = [Infinity, from];
  for (let begin = Math.min(end, to); begin >= from; begin -= 1) {
    const cost = (row.before[begin - 1] ?? 0) + spreadOf(row.sums, begin, end);
    if (cost < best) [best, at] = [cost, begin];
  }
  row.next[end] = best;
  row.start[end] = at;
  fill(row, low, end - 1, from, at);
  fill(row, end + 1, high, at, to);
}

function sumsOf(sorted: readonly number[], distinct: readonly number[]): Sums {
  const [weight, sum, square] = [0, 1, 2].map(() => new Float64Array(distinct.length + 1)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  // Around the middle, so that squares of great figures keep their digits.
  const middle = sorted[sorted.length >> 1] ?? 0;
  let place = 0;
  distinct.forEach((value, index) => {
    const begin = place;
    while (sorted[place] === value) place += 1;
    const [times, shifted] = [place - begin, value - middle];
    weight[index + 1] = (weight[index] ?? 0) + times;
    sum[index + 1] = (sum[index] ?? 0) + times * shifted;
    square[index + 1] = (square[index] ?? 0) + times * shifted * shifted;
  });
  return { weight, sum, square };
}

/** The sum of squared distances from their mean of the distinct values `from` to `to`, both included. */
function spreadOf({ weight, sum, square }: Sums, from: number, to: number): number {
  const part = (sums: Float64Array) => (sums[to + 1] ?? 0) - (sums[from] ?? 0);
  return Math.max(0, part(square) - part(sum) ** 2 / part(weight));
}
