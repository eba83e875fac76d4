import { describe, expect, test } from 'vitest';
import { classesOf, classOf, fitted, isTwoSided, positionOf, type Classes, type Wish } from '../src/view/classes';
import { naturalBreaks } from '../src/view/natural';

const PLAIN: Wish = { method: 'quantile', count: 7, breaks: [], turns: false };

function classesFor(values: number[], wish: Partial<Wish> = {}): Classes {
  const whole = { ...PLAIN, ...wish };
  const fit = fitted(values, whole);
  return (fit && classesOf(values, fit, whole.method)) ?? { bounds: [], counts: [], single: false, turn: null };
}

/** Random numbers of a seed, 0 to 1. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}

describe('quantiles', () => {
  test('hold the same number of values', () => {
    const values = Array.from({ length: 70 }, (_, index) => index * index);
    expect(classesFor(values).counts).toEqual([10, 10, 10, 10, 10, 10, 10]);
    expect(classesFor(values, { count: 9 }).counts).toHaveLength(9);
  });

  test('never part equal values', () => {
    const classes = classesFor([5, 5, 5, 5, 5, 5, 5, 9]);
    expect(classes.counts).toEqual([7, 1]);
    const some = classesFor(Array.from({ length: 100 }, (_, index) => (index < 90 ? 0 : index)));
    expect(some.counts[0]).toBe(90);
  });

  test('of few values are one for each', () => {
    expect(classesFor([1, 2, 3])).toEqual({ bounds: [1, 2, 3, 3], counts: [1, 1, 1], single: true, turn: null });
    expect(classesFor([4])).toEqual({ bounds: [4, 4], counts: [1], single: true, turn: null });
    expect(classesFor([1, 2, 3, 4, 5, 6, 7, 8, 9, 99], { method: 'natural', count: 3 }).single).toBe(false);
    expect(fitted([], PLAIN)).toBeNull();
  });
});

test('equal intervals are as wide as each other', () => {
  expect(classesFor([0, 1, 2, 100], { method: 'equal', count: 4 })).toEqual({
    bounds: [0, 25, 50, 75, 100],
    counts: [3, 0, 0, 1],
    single: false,
    turn: null,
  });
  expect(classesFor([3, 3], { method: 'equal' }).bounds).toEqual([3, 3]);
});

test('standard deviations lie around the mean', () => {
  // Mean 5, standard deviation 2.
  const values = [2, 4, 4, 4, 5, 5, 7, 9];
  expect(classesFor(values, { method: 'deviation', count: 4 })).toEqual({
    bounds: [2, 3, 5, 7, 9],
    counts: [1, 3, 2, 2],
    single: false,
    turn: 5,
  });
  expect(classesFor(values, { method: 'deviation', count: 3 }).bounds).toEqual([2, 4, 6, 9]);
  // No class of nine lies where no value is.
  expect(classesFor(values, { method: 'deviation', count: 9 }).bounds).toEqual([2, 4, 6, 8, 9]);
});

test('manual bounds stay, and values beyond them belong to the outer classes', () => {
  const classes = classesFor([1, 50], { method: 'manual', breaks: [10, 20] });
  expect(classes).toEqual({ bounds: [1, 10, 20, 50], counts: [1, 0, 1], single: false, turn: null });
  expect([classOf(classes, -9), classOf(classes, 10), classOf(classes, 99)]).toEqual([0, 1, 2]);
  expect(classesFor([12], { method: 'manual', breaks: [10, 20] }).bounds).toEqual([10, 10, 20, 20]);
});

test('a continuous scale leaves out the outermost values of many', () => {
  const values = Array.from({ length: 100 }, (_, index) => index);
  const classes = classesFor([...values, 100000], { method: 'continuous' });
  expect(classes.bounds).toEqual([2, 98]);
  expect([positionOf(classes, 50), positionOf(classes, 0), positionOf(classes, 100000)]).toEqual([0.5, 0, 1]);
  expect(classesFor([1, 9], { method: 'continuous' }).bounds).toEqual([1, 9]);
});

test('gains and losses are in no class together where the palette turns', () => {
  const values = Array.from({ length: 100 }, (_, index) => index - 10);
  const { bounds, turn, counts } = classesFor(values, { count: 5, turns: true });
  expect([bounds, turn]).toEqual([[-10, 0, 30, 50, 70, 89], 0]);
  expect(counts[0]).toBe(10);
  expect(isTwoSided(values)).toBe(true);
  expect(isTwoSided([-1, ...values.slice(11)])).toBe(false);
  expect(isTwoSided([])).toBe(false);
});

describe('natural breaks', () => {
  test('find the gaps', () => {
    expect(naturalBreaks([1, 2, 2, 10, 11, 12, 50, 51], 3)).toEqual([10, 50]);
    expect(classesFor([1, 2, 2, 10, 11, 12, 50, 51], { method: 'natural', count: 3 }).counts).toEqual([3, 3, 2]);
  });

  test('are no worse than any other bounds', () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const random = numbers(seed);
      const values = Array.from({ length: 4 + Math.floor(random() * 9) }, () => Math.floor(random() ** 3 * 60));
      const sorted = [...values].sort((a, b) => a - b);
      const distinct = [...new Set(sorted)];
      for (const count of [3, 4]) {
        if (distinct.length <= count) continue;
        const found = spread(sorted, naturalBreaks(sorted, count));
        const least = Math.min(...choices(distinct.slice(1), count - 1).map((breaks) => spread(sorted, breaks)));
        expect(found, `seed ${seed}, ${count} classes`).toBeCloseTo(least, 6);
      }
    }
  });

  test('keep the digits of great figures', () => {
    const near = [0, 1, 2, 100, 101, 102].map((value) => value + 9e14);
    expect(naturalBreaks(near, 2)).toEqual([9e14 + 100]);
  });
});

/** The sum of squared distances from the mean of each class, the slow way. */
function spread(values: readonly number[], breaks: readonly number[]): number {
  const bounds = [-Infinity, ...breaks, Infinity];
  return breaks
    .concat(NaN)
    .map((_, index) => values.filter((value) => value >= (bounds[index] ?? 0) && value < (bounds[index + 1] ?? 0)))
    .reduce((sum, own) => {
      const mean = own.reduce((all, value) => all + value, 0) / own.length;
      return sum + own.reduce((all, value) => all + (value - mean) ** 2, 0);
    }, 0);
}

/** Every choice of `count` among some values, in their order. */
function choices(values: readonly number[], count: number): number[][] {
  if (count === 0) return [[]];
  return values.flatMap((value, index) => choices(values.slice(index + 1), count - 1).map((rest) => [value, ...rest]));
}
