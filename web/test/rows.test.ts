import { expect, test } from 'vitest';
import { cellsOf, change, namesakes, ranks, type RegionCell } from '../src/view/answer';
import { isInside, sameRegion, UNASSIGNED, type Level } from '../src/view/levels';
import { greatest, rowHolding, tableRows, type Sort } from '../src/view/rows';
import type { Answer } from '../src/api/wire';

const cell = (
  level: Level,
  key: string,
  name: string,
  revenue: number | null,
  before: number | null = null,
): RegionCell => ({
  level,
  key,
  name,
  now: { revenue, customers: 1 },
  before: before === null ? null : { revenue: before },
});

const states = [
  cell('state', '08', 'Baden', 20, 10),
  cell('state', UNASSIGNED, 'ohne', 99),
  cell('state', '09', 'Bayern', 50, 100),
  cell('state', '11', 'Ärlin', null),
];
const byValue: Sort = { by: 'value', descending: true };
const keys = (sort: Sort) => tableRows(states, [], sort, 'revenue', 'de-DE').map((row) => row.cell.key);

test('rows are sorted, what has no value after them, what has no place last', () => {
  expect(keys(byValue)).toEqual(['09', '08', '11', UNASSIGNED]);
  expect(keys({ by: 'value', descending: false })).toEqual(['08', '09', '11', UNASSIGNED]);
  expect(keys({ by: 'name', descending: false })).toEqual(['11', '08', '09', UNASSIGNED]);
  expect(keys({ by: 'change', descending: true })).toEqual(['08', '09', '11', UNASSIGNED]);
});

test('an opened branch stands under its row', () => {
  const region = { level: 'state', key: '09' } as const;
  const cells = [
    cell('government_district', '092', 'Niederbayern', 20),
    cell('government_district', '091', 'Oberbayern', 30),
  ];
  const rows = tableRows(states, [{ region, child: 'government_district', cells }], byValue, 'revenue', 'de-DE');
  expect(rows.map((row) => `${row.depth} ${row.cell.key}`)).toEqual([
    '0 09',
    '1 091',
    '1 092',
    '0 08',
    '0 11',
    `0 ${UNASSIGNED}`,
  ]);
  expect(rows[1]?.parent).toBe(0);
  expect(rows[0]?.open).toBe(true);
  expect(rows[5]?.openable).toBe(false);
});

test('a finer area lights the finest row that holds it', () => {
  const region = { level: 'state', key: '09' } as const;
  const cells = [cell('government_district', '091', 'Oberbayern', 30)];
  const rows = tableRows(states, [{ region, child: 'government_district', cells }], byValue, 'revenue', 'de-DE');
  const holds = (key: string) =>
    rowHolding(rows, (row) => sameRegion(row, { level: 'district', key }) || isInside(row, 'district', key) === true);
  expect(rows[holds('09162')]?.cell.key).toBe('091');
  expect(rows[holds('09271')]?.cell.key).toBe('09');
  expect(holds('01001')).toBe(-1);
});

test('changes, ranks and the greatest figure', () => {
  expect(change(110, 100)).toBeCloseTo(0.1);
  expect(change(-50, -100)).toBeCloseTo(0.5);
  expect(change(5, 0)).toBeNull();
  expect([...ranks(states, 'revenue')]).toEqual([
    ['09', 1],
    ['08', 2],
  ]);
  expect(greatest(states, 'revenue')).toBe(99);
});

test('regions of the same name are told apart', () => {
  const list = [
    cell('district', '09162', 'München', 1),
    cell('district', '09184', 'München', 1),
    cell('district', '09188', 'Starnberg', 1),
  ];
  expect(namesakes(list).map(({ key }) => key)).toEqual(['09162', '09184']);
});

test('an answer becomes cells with the year before', () => {
  const answer = (rows: Answer['rows']): Answer => ({
    columns: ['region.state', 'revenue', 'orders'],
    rows,
    members: { 'region.state': { '09': 'Bayern' } },
    total: { revenue: 1, orders: 1 },
    row_count: rows.length,
    currency: 'EUR',
    version: '1',
  });
  expect(
    cellsOf(
      answer([
        ['09', 120, 3],
        [UNASSIGNED, 5, null],
      ]),
      answer([['09', 100, 2]]),
    ),
  ).toEqual([
    { key: '09', name: 'Bayern', now: { revenue: 120, orders: 3 }, before: { revenue: 100, orders: 2 } },
    { key: UNASSIGNED, name: UNASSIGNED, now: { revenue: 5, orders: null }, before: null },
  ]);
});
