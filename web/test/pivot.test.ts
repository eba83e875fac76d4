import { expect, test } from 'vitest';
import type { Answer, Model } from '../src/api/wire';
import { columnsOf, figureOf, modifiersOf } from '../src/pivot/figure';
import { flatQuestion, questionsOf } from '../src/pivot/question';
import { gridOf, greatestOf, isGroup, linesOf, orderColumns, sortId, type Grid, type Order } from '../src/pivot/tree';
import { UNASSIGNED } from '../src/view/levels';
import type { Unfolded } from '../src/view/workspace';

const layout = { rows: ['region.state'], columns: [], figures: ['revenue'], compare: null, unfolded: [] as Unfolded[] };
const bavaria: Unfolded = { axis: 'region.state', path: ['09'], level: 'region.government_district' };
const upper: Unfolded = { axis: 'region.state', path: ['09', '091'], level: 'region.district' };

test('one question for each depth of opened members', () => {
  const questions = questionsOf({ ...layout, unfolded: [bavaria, upper] }, ['revenue'], {});
  expect(questions.map(({ rows }) => rows)).toEqual([
    ['region.state'],
    [{ level: 'region.state', expand: { '09': 'region.government_district' } }],
    [
      {
        level: 'region.state',
        expand: { '09': { level: 'region.government_district', expand: { '091': 'region.district' } } },
      },
    ],
  ]);
  expect(questions[0]).toMatchObject({ subtotals: true, columns: [], measures: ['revenue'] });
});

test('the file of a pivot has its opened members, comparison and order', () => {
  const shown = { ...layout, rows: ['product.category', 'region.state'], unfolded: [bavaria, upper] };
  expect(flatQuestion({ ...shown, compare: 'previous_year' }, { filters: [] }, null)).toEqual({
    measures: ['revenue'],
    rows: [
      'product.category',
      {
        level: 'region.state',
        expand: { '09': { level: 'region.government_district', expand: { '091': 'region.district' } } },
      },
    ],
    columns: [],
    filters: [],
    subtotals: false,
    compare: 'previous_year',
    sort: [
      { by: 'product.category', descending: false },
      { by: 'revenue', descending: true },
    ],
  });
  const order = (rows: string[], sort: Parameters<typeof flatQuestion>[2]) =>
    flatQuestion({ ...layout, rows }, {}, sort).sort?.at(-1);
  expect(order(['time.month'], null)).toEqual({ by: 'time.month', descending: false });
  expect(order(['time.month'], { by: 'orders', descending: false })).toEqual({ by: 'orders', descending: false });
  expect(order(['region.state'], { by: '', descending: true })).toEqual({ by: 'region.state', descending: true });
  expect(order(['region.state'], { by: 'Holzbau|revenue', descending: true })?.by).toBe('revenue');
});

test('members of a level that is no row any more are not asked for', () => {
  expect(questionsOf({ ...layout, rows: ['time.year'], unfolded: [bavaria] }, ['revenue'], {})).toHaveLength(1);
});

const answer = (given: Partial<Answer>): Answer => ({
  columns: [],
  rows: [],
  members: {},
  total: {},
  row_count: 0,
  currency: 'EUR',
  version: '1',
  ...given,
});
const plainName = (_level: string, _key: string, name: string) => name;
const order = (change: Partial<Order> = {}): Order => ({
  sort: null,
  figures: ['revenue'],
  locale: 'de-DE',
  depth: 1,
  isOpen: () => true,
  ...change,
});
const shown = (grid: Grid, how: Order) => linesOf(grid, how).map(({ depth, node }) => `${depth} ${node.name}`);

test('opened members stand under their own row, which keeps its figure', () => {
  const state = { level: 'region.state', within: [] };
  const inside = { level: 'region.government_district', within: ['09'] };
  const members = {
    'region.state': { '09': 'Bayern', '08': 'Baden' },
    'region.government_district': { '091': 'Oberbayern', '092': 'Niederbayern' },
  };
  const columns = ['region.state', 'revenue'];
  const grid = gridOf(
    [
      answer({
        columns,
        rows: [
          ['09', 50],
          ['08', 70],
          [UNASSIGNED, 90],
        ],
        members,
        total: { revenue: 210 },
      }),
      answer({
        columns,
        rows: [
          ['091', 30],
          ['092', 20],
          ['08', 70],
          [UNASSIGNED, 90],
        ],
        origins: [[inside], [inside], [state], [state]],
        members,
        total: { revenue: 210 },
      }),
    ],
    ['region.state'],
    [],
    ['revenue'],
    plainName,
  );
  expect(shown(grid, order())).toEqual(['0 Baden', '0 Bayern', '1 Oberbayern', '1 Niederbayern', `0 ${UNASSIGNED}`]);
  expect(linesOf(grid, order())[1]?.node.values.get('')).toEqual([50]);
  expect(shown(grid, order({ isOpen: () => false }))).toEqual(['0 Baden', '0 Bayern', `0 ${UNASSIGNED}`]);
  expect(shown(grid, order({ sort: { by: '', descending: true } }))[0]).toBe('0 Bayern');
  expect(grid.total.get('')).toEqual([210]);
  expect(greatestOf(grid.rows, '', 0)).toBe(70);
});

test('groups, columns and their totals come from the subtotals', () => {
  const grid = gridOf(
    [
      answer({
        columns: ['region.state', 'product.category', 'time.year', 'revenue'],
        rows: [
          ['09', 'A', '2025', 3],
          ['09', 'B', '2024', 4],
        ],
        subtotals: [
          { columns: ['product.category', 'time.year', 'revenue'], rows: [['A', '2025', 3]] },
          {
            columns: ['region.state', 'time.year', 'revenue'],
            rows: [
              ['09', '2025', 3],
              ['09', '2024', 4],
            ],
          },
          {
            columns: ['time.year', 'revenue'],
            rows: [
              ['2025', 3],
              ['2024', 4],
            ],
          },
          {
            columns: ['region.state', 'product.category', 'revenue'],
            rows: [
              ['09', 'A', 3],
              ['09', 'B', 4],
            ],
          },
          {
            columns: ['product.category', 'revenue'],
            rows: [
              ['A', 3],
              ['B', 4],
            ],
          },
          { columns: ['region.state', 'revenue'], rows: [['09', 7]] },
        ],
        total: { revenue: 7 },
      }),
    ],
    ['region.state', 'product.category'],
    ['time.year'],
    ['revenue'],
    plainName,
  );
  expect(shown(grid, order({ depth: 2 }))).toEqual(['0 09', '1 B', '1 A']);
  expect(shown(grid, order({ depth: 2, sort: { by: sortId('2025', 'revenue'), descending: true } }))).toEqual([
    '0 09',
    '1 A',
    '1 B',
  ]);
  expect(grid.rows[0] && isGroup(grid.rows[0], 2)).toBe(true);
  expect(orderColumns(grid.columns, ['time.year'], 'de-DE').map(({ id }) => id)).toEqual(['2024', '2025']);
  expect(grid.rows[0]?.values.get('2025')).toEqual([3]);
  expect(grid.total.get('2024')).toEqual([4]);
  expect(grid.total.get('')).toEqual([7]);
});

const model = {
  measures: [
    { id: 'revenue', unit: 'money', additive: true, additivity: 'everywhere', available: true },
    { id: 'margin_percent', unit: 'share', additive: false, additivity: 'nowhere', available: true },
    { id: 'margin', unit: 'money', additive: true, additivity: 'everywhere', available: false },
    { id: 'first_purchase', unit: 'day', additive: false, additivity: 'nowhere', available: true },
  ],
} as Model;

test('a comparison stands beside each measure, shares change by points', () => {
  const words = (chosen: string[]) => columnsOf(chosen, 'previous_year', model).map(({ word, unit }) => [word, unit]);
  expect(words(['revenue'])).toEqual([
    ['revenue', 'money'],
    ['revenue.previous_year', 'money'],
    ['revenue.change_percent', 'share'],
  ]);
  expect(words(['margin_percent']).at(-1)).toEqual(['margin_percent.change', 'share']);
  expect(words(['revenue.rank', 'margin', 'first_purchase'])).toEqual([
    ['revenue.rank', 'count'],
    ['first_purchase', 'day'],
  ]);
});

test('figures are offered only where they make sense', () => {
  expect(modifiersOf('revenue', model)).toContain('running_total');
  expect(modifiersOf('margin_percent', model)).not.toContain('cumulative_share');
  expect(modifiersOf('first_purchase', model)).toEqual(['rank']);
  expect(figureOf('profit', model)).toBeNull();
});
