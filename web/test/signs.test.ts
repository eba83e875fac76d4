import { describe, expect, test } from 'vitest';
import type { Answer } from '../src/api/wire';
import { bivariateClass, bivariateColours, SIDE } from '../src/view/bivariate';
import { resolutionAt } from '../src/view/hexagons';
import { outlinesOf } from '../src/view/outline';
import { pairPainter } from '../src/view/paint';
import { partsOf } from '../src/view/parts';
import { overlaps, rootOf, signRadius, signsOf, sizesOf, textSize } from '../src/view/signs';

describe('signs', () => {
  test('are of regions with a value and a place, the greatest first', () => {
    const cell = (key: string, revenue: number | null) => ({
      key,
      name: key,
      level: 'state' as const,
      now: { revenue },
      before: null,
    });
    const cells = [cell('01', 5), cell('02', -9), cell('03', null), cell('04', 7), cell('unassigned', 99)];
    const signs = signsOf(cells, { measure: 'revenue', least: null }, ({ key }) => (key === '04' ? null : [1, 2]));
    expect(signs.map(({ key, value }) => [key, value])).toEqual([
      ['02', -9],
      ['01', 5],
    ]);
  });

  test('are as large in area as their value', () => {
    expect([rootOf(25, 100), rootOf(-100, 100), rootOf(3, 0)]).toEqual([0.5, 1, 0]);
  });

  test('grow evenly between zooms', () => {
    expect([0, 3, 4.5, 6, 8, 10, 18].map(signRadius)).toEqual([18, 18, 28, 38, 49, 60, 60]);
  });

  test('have figures that grow with the zoom and do not overlap', () => {
    expect([2, 4, 7, 10, 15].map(textSize)).toEqual([10.5, 10.5, 11.75, 13, 13]);
    expect(overlaps([0, 0, 2, 2], [1, 1, 3, 3])).toBe(true);
    expect(overlaps([0, 0, 2, 2], [2, 0, 3, 2])).toBe(false);
  });

  test('have a legend of round values that are there', () => {
    expect(sizesOf(658)).toEqual([500, 100, 20]);
    expect(sizesOf(2)).toEqual([2, 0.5, 0.1]);
    expect(sizesOf(0)).toEqual([0, 0, 0]);
  });
});

describe('parts', () => {
  const answer = (rows: [string, string, number | null][]): Answer => ({
    columns: ['region.state', 'product.category', 'revenue'],
    rows,
    members: { 'product.category': { a: 'Apples' } },
    total: {},
    row_count: rows.length,
    currency: null,
    version: '1',
  });

  test('are in the same order for every region', () => {
    const rows: [string, string, number | null][] = [
      ['01', 'a', 1],
      ['01', 'b', 3],
      ['02', 'a', 9],
      ['02', 'c', -4],
      ['02', 'd', null],
    ];
    const { parts, values } = partsOf([{ level: 'state', answer: answer(rows) }]);
    expect(parts).toEqual([
      { key: 'a', name: 'Apples' },
      { key: 'b', name: 'b' },
    ]);
    expect([values.get('state:01'), values.get('state:02')]).toEqual([
      [1, 3],
      [9, 0],
    ]);
  });

  test('beyond six are the others, and nothing is lost', () => {
    const rows = Array.from({ length: 9 }, (_, index): [string, string, number] => ['01', `p${index}`, index + 1]);
    const { parts, values } = partsOf([{ level: 'state', answer: answer(rows) }]);
    expect(parts.map(({ key }) => key)).toEqual(['p8', 'p7', 'p6', 'p5', 'p4', '']);
    expect(values.get('state:01')).toEqual([9, 8, 7, 6, 5, 10]);
  });
});

describe('two measures', () => {
  const classes = { bounds: [0, 1, 2, 3], counts: [], single: false, turn: null };

  test('have a class for each pair', () => {
    expect(bivariateClass([classes, classes], 0, 0)).toBe(0);
    expect(bivariateClass([classes, classes], 2.5, 0)).toBe(2);
    expect(bivariateClass([classes, classes], 0, 2.5)).toBe(6);
    expect(bivariateClass([classes, classes], 3, 3)).toBe(SIDE * SIDE - 1);
  });

  test('paint a region that has both', () => {
    const judged = { measure: 'revenue', least: null };
    const paint = pairPainter(
      [judged, { ...judged, measure: 'margin' }],
      [classes, classes],
      bivariateColours('light'),
      [4],
    );
    expect(paint({ revenue: 0, margin: 0 })).toEqual({ colour: bivariateColours('light')[0], few: false, faded: true });
    expect(paint({ revenue: 1, margin: 1 }).faded).toBe(false);
    expect(paint({ revenue: 1 })).toEqual({ colour: null, few: false, faded: false });
  });
});

test('hexagons become finer with the zoom and have closed outlines', async () => {
  expect([0, 4.5, 6, 8, 12].map(resolutionAt)).toEqual([3, 4, 5, 6, 7]);
  const outlines = await outlinesOf(['841e02dffffffff', 'none']);
  expect([...outlines.keys()]).toEqual(['841e02dffffffff']);
  const ring = outlines.get('841e02dffffffff') ?? [];
  expect(ring).toHaveLength(7);
  expect(ring[0]).toEqual(ring.at(-1));
});
