import { expect, test } from 'vitest';
import { moved, opening, STEPS } from '../src/view/player';

test('a stretch moves by its step and stays among the months shown', () => {
  expect(moved([0, 11], STEPS.quarter, 48)).toEqual([3, 14]);
  expect(moved([36, 47], STEPS.month, 48)).toBeNull();
  expect(moved([35, 46], STEPS.year, 48)).toBeNull();
  expect(moved([12, 23], -STEPS.year, 48)).toEqual([0, 11]);
  expect(moved([11, 22], -STEPS.year, 48)).toBeNull();
});

test('playing begins where the reader is, or at the beginning', () => {
  expect(opening([12, 23], 1, 48)).toEqual([12, 23]);
  expect(opening([36, 47], 1, 48)).toEqual([0, 11]);
  expect(opening([37, 47], 12, 48)).toEqual([1, 11]);
  expect(opening([0, 47], 3, 48)).toEqual([0, 2]);
  expect(opening([0, 1], 12, 2)).toEqual([0, 1]);
});
