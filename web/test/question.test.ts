import { expect, test } from 'vitest';
import type { Model } from '../src/api/wire';
import { byMonth, byRegion, filtersOf, measuresOf, ranked, scopeBefore, scopeOf } from '../src/view/question';
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
    available: id !== 'margin',
    compares: false,
  })),
  levels: [],
  hierarchies: [],
  credits: [],
  provider: null,
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

test('the series asks for all the time', () => {
  const { filters } = byMonth(['revenue'], scopeOf(ask, model));
  expect(filters?.some(({ level }) => level === 'time.day')).toBe(false);
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
  expect(converted.filters?.some(({ level }) => level === 'sale.currency')).toBe(false);
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
