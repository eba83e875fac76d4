import { expect, test } from 'vitest';
import type { Answer } from '../src/api/wire';
import { along, axisOf, treemap } from '../src/charts/layout';
import { marksOf } from '../src/charts/mark';

test('areas of a treemap are as its values and fill the room', () => {
  const values = [50, 25, 12, 8, 5];
  const boxes = treemap(values, 400, 200);
  boxes.forEach(({ width, height }, index) => {
    expect(width * height).toBeCloseTo(((values[index] ?? 0) / 100) * 80_000);
    expect(Math.max(width / height, height / width)).toBeLessThan(3);
  });
  for (const { x, y, width, height } of boxes) {
    expect(x + width).toBeLessThanOrEqual(400.001);
    expect(y + height).toBeLessThanOrEqual(200.001);
  }
  expect(treemap([], 10, 10)).toEqual([]);
});

test('an axis has round ticks and holds every value', () => {
  expect(axisOf([3, 87]).ticks).toEqual([0, 50, 100]);
  expect(axisOf([-30, 70]).ticks).toEqual([-50, 0, 50, 100]);
  expect(axisOf([]).to).toBeGreaterThan(0);
  expect(along({ from: -50, to: 50, ticks: [] }, 0)).toBe(0.5);
});

test('what has no member or no value is no mark', () => {
  const answer: Answer = {
    columns: ['region.state', 'revenue', 'revenue.cumulative_share', 'customers'],
    rows: [
      ['09', 60, 0.6, 4],
      ['08', null, null, 1],
      ['unassigned', 40, 1, 2],
    ],
    members: { 'region.state': { '09': 'Bayern' } },
    total: {},
    row_count: 3,
    currency: 'EUR',
    version: '1',
  };
  expect(marksOf(answer, 'revenue', 'customers', (_key, name) => name)).toEqual([
    { key: '09', name: 'Bayern', value: 60, before: null, other: 4, cumulative: 0.6 },
  ]);
});
