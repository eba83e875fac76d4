import { expect, test } from 'vitest';
import type { Model } from '../src/api/wire';
import {
  byMonth,
  byRegion,
  filtersOf,
  measuresOf,
  openedAxis,
  ranked,
  scopeBefore,
  scopeOf,
  tableQuestion,
} from '../src/view/question';
import type { Level } from '../src/view/levels';
import { sitesQuestion } from '../src/view/sites';
import { START } from '../src/view/screen';

const model: Model = {
  currency: 'EUR',
  currencies: ['EUR'],
  conversions: [],
  version: '1',
  accounts: 9,
  lines: 20,
  first_day: '2024-01-02',
  last_day: '2025-12-30',
  precision: {},
  measures: (['revenue', 'margin', 'customers', 'orders', 'average_order', 'units'] as const).map((id) => ({
    id,
    unit: 'money',
    additive: true,
    additivity: 'everywhere',
    available: id !== 'margin',
    compares: false,
  })),
  levels: [],
  hierarchies: [],
  credits: [],
  provider: null,
  streets: null,
};
const ask = { ...START.ask, at: { level: 'state', key: '09' } as const, categories: ['Pumpen'] };

test('a question has region, days and categories as filters', () => {
  expect(byRegion('district', ['revenue'], scopeOf(ask, model))).toEqual({
    measures: ['revenue'],
    rows: ['region.district'],
    filters: [
      { level: 'region.state', in: ['09'] },
      { level: 'time.day', from: '2025-01-01', to: '2025-12-30' },
      { level: 'product.category', in: ['Pumpen'] },
    ],
  });
});

test('the file of the table has what the table shows: opened branches, the year before, customers, share', () => {
  const branch = (level: Level, key: string, child: Level | null) => ({ region: { level, key }, child });
  const branches = [
    branch('state', '09', 'government_district'),
    branch('government_district', '091', 'district'),
    // Of another table, or not yet known.
    branch('district', '05111', 'municipality'),
    branch('state', '05', null),
  ];
  const axis = {
    level: 'region.state',
    expand: { '09': { level: 'region.government_district', expand: { '091': 'region.district' } } },
  };
  expect(openedAxis('state', branches)).toEqual(axis);
  expect(openedAxis('postal', branches)).toBe('region.postal');
  const known = { model, scope: scopeOf(ask, model) };
  expect(tableQuestion('state', 'revenue', branches, known)).toMatchObject({
    measures: ['revenue', 'revenue.previous_year', 'revenue.change_percent', 'customers', 'revenue.share_of_total'],
    rows: [axis],
    filters: filtersOf(known.scope),
  });
  const all = { model, scope: scopeOf({ ...ask, period: { kind: 'all' } }, model) };
  expect(tableQuestion('state', 'customers', [], all).measures).toEqual(['customers', 'customers.share_of_total']);
});

test('the series asks for all the time', () => {
  const { filters } = byMonth(['revenue'], scopeOf(ask, model));
  expect(filters?.some((filter) => 'level' in filter && filter.level === 'time.day')).toBe(false);
});

test('the year before is asked for only where there are figures', () => {
  const scope = scopeOf(ask, model);
  expect(scopeBefore(scope, model)?.days).toEqual({ from: '2024-01-01', to: '2024-12-30' });
  expect(scopeBefore(scopeOf({ ...ask, period: { kind: 'all' } }, model), model)).toBeNull();
});

test('several currencies are never added up', () => {
  const two = { ...model, currency: null, currencies: ['CHF', 'EUR'] };
  expect(filtersOf(scopeOf(START.ask, two)).at(-1)).toEqual({ level: 'sale.currency', in: ['CHF'] });
  expect(filtersOf(scopeOf({ ...START.ask, currency: 'EUR' }, two)).at(-1)).toEqual({
    level: 'sale.currency',
    in: ['EUR'],
  });
});

test('money is converted where there are rates for all of it', () => {
  const two = { ...model, currency: null, currencies: ['CHF', 'EUR'], conversions: ['EUR'] };
  const converted = byRegion('state', ['revenue'], scopeOf({ ...START.ask, currency: 'EUR' }, two));
  expect(converted.currency).toBe('EUR');
  expect(converted.filters?.some((filter) => 'level' in filter && filter.level === 'sale.currency')).toBe(false);
  const plain = byRegion('state', ['revenue'], scopeOf({ ...START.ask, currency: 'CHF' }, two));
  expect(plain.currency).toBeUndefined();
});

test('measures come once each and only those that there are', () => {
  expect(measuresOf('revenue', model)).toEqual(['revenue', 'customers', 'average_order', 'orders']);
  expect(measuresOf('units', model)[0]).toBe('units');
});

test('a ranking is sorted by its measure', () => {
  expect(ranked('account.account', 'revenue', ['revenue'], scopeOf(START.ask, model)).sort).toEqual([
    { by: 'revenue', descending: true },
  ]);
});

test('own regions filter and are asked for by their word', () => {
  const scope = scopeOf({ ...ask, at: { level: 'own-2', key: 'S' }, categories: [] }, model);
  const question = byRegion('own-1', ['revenue'], { ...scope, within: { level: 'state', key: '09' } });
  expect(question.rows).toEqual(['own.1']);
  expect(question.filters?.slice(0, 2)).toEqual([
    { level: 'own.2', in: ['S'] },
    { level: 'region.state', in: ['09'] },
  ]);
});

test('what is drawn on the map filters every question', () => {
  const shape = { circle: { center: [11.5, 48.1] as [number, number], radius_m: 5000 } };
  const scope = scopeOf({ ...ask, shape }, model);
  expect(filtersOf(scope)).toContainEqual({ within: shape });
  expect(byMonth(['revenue'], scope).filters).toContainEqual({ within: shape });
  expect(sitesQuestion({ ...ask, shape }, model)?.filters).toContainEqual({ within: shape });
});
