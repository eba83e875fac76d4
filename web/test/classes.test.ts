import { expect, test } from 'vitest';
import { classOf, quantiles, type Classes } from '../src/view/classes';

const classesOf = (values: (number | null)[]): Classes => quantiles(values) ?? { bounds: [], steps: [] };

test('seven classes hold the same number of values', () => {
  const values = Array.from({ length: 70 }, (_, index) => index * index);
  const classes = classesOf(values);
  expect(classes.steps).toEqual([0, 1, 2, 3, 4, 5, 6]);
  const counts = new Map<number | null, number>();
  for (const value of values) counts.set(classOf(classes, value), (counts.get(classOf(classes, value)) ?? 0) + 1);
  expect([...counts.values()]).toEqual([10, 10, 10, 10, 10, 10, 10]);
});

test('equal values fall into one class', () => {
  const classes = classesOf([5, 5, 5, 5, 5, 5, 5, 9]);
  expect(classOf(classes, 5)).not.toBe(classOf(classes, 9));
  expect(new Set([5, 5, 5].map((value) => classOf(classes, value))).size).toBe(1);
});

test('few values span the ramp from light to dark', () => {
  expect(classesOf([1, 2, 3]).steps[0]).toBe(0);
  expect(classesOf([1, 2, 3]).steps.at(-1)).toBe(6);
  expect(classesOf([4])).toEqual({ bounds: [4, 4], steps: [3] });
});

test('the greatest and the least value belong to a class, nothing to none', () => {
  const classes = classesOf([-3, null, 10, 22]);
  expect(classOf(classes, -3)).toBe(0);
  expect(classOf(classes, 22)).toBe(classes.steps.length - 1);
  expect(classOf(classes, null)).toBeNull();
  expect(classOf(classes, 23)).toBeNull();
  expect(quantiles([null, null])).toBeNull();
});
