import { describe, expect, test } from 'vitest';
import type { MeasureWord, Model } from '../src/api/wire';
import { sites, type Palette } from '../src/map/layers';
import { dotRadius } from '../src/map/zooms';
import { meantSites, roundAbove, siteFigure, siteMeasure, sitesQuestion } from '../src/view/sites';
import { START } from '../src/view/screen';

const word = (id: string, additivity: MeasureWord['additivity'], available = true): MeasureWord => ({
  id,
  unit: 'money',
  additive: additivity === 'everywhere',
  additivity,
  available,
  compares: false,
});

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
  measures: [
    word('revenue', 'everywhere'),
    word('margin', 'everywhere', false),
    word('orders', 'over_accounts'),
    word('average_order', 'nowhere'),
  ],
  levels: [],
  hierarchies: [],
  credits: [],
  provider: null,
  streets: null,
};

describe('the customers that the filters mean', () => {
  test('are asked for with all filters but the region', () => {
    const at = { level: 'state', key: '09' } as const;
    const picks = [{ view: 'map' as const, level: 'own.1', keys: ['S'] }];
    expect(sitesQuestion({ ...START.ask, at, picks, categories: ['Bad'] }, model)).toEqual({
      measures: ['revenue'],
      rows: [],
      filters: [
        { level: 'time.day', from: '2025-01-01', to: '2025-12-30' },
        { level: 'product.category', in: ['Bad'] },
        { level: 'own.1', in: ['S'] },
      ],
    });
  });

  test('have sales, also when all of the time is chosen', () => {
    const everything = sitesQuestion({ ...START.ask, period: { kind: 'all' } }, model);
    expect(everything?.filters).toEqual([{ level: 'time.day', from: '2024-01-02', to: '2025-12-30' }]);
    expect(sitesQuestion(START.ask, { ...model, lines: 0 })).toBeNull();
  });

  test('show the measure if it adds up over customers, else revenue', () => {
    const shown = ['revenue', 'orders', 'average_order', 'margin', 'own_one'].map((id) => siteMeasure(id, model));
    expect(shown).toEqual(['revenue', 'orders', 'revenue', 'revenue', 'revenue']);
  });

  test('are counted by those with a position', () => {
    const json = { tiles: ['/t/{z}'], total: { count: 17, revenue: 5 }, without_site: { count: 2, revenue: 1 } };
    expect(meantSites('revenue', json)).toEqual({ tiles: '/t/{z}', measure: 'revenue', placed: 15, unplaced: 2 });
  });
});

test('quantities of tiles are thousandths', () => {
  expect(siteFigure(2500, 'quantity')).toBe(2.5);
  expect(siteFigure(2500, 'money')).toBe(2500);
});

test('the largest dot stands for a round figure', () => {
  expect([0.3, 1, 1.1, 3, 7, 20, 6_581_700].map(roundAbove)).toEqual([0.5, 1, 2, 5, 10, 20, 10_000_000]);
  expect([0, -5, NaN, Infinity].map(roundAbove)).toEqual([null, null, null, null]);
});

test('dots are sized by the measure of the scale alone', () => {
  const palette = { site: '#000', halo: '#fff', siteText: '#fff' } as Palette;
  const radius = (scale: Parameters<typeof sites>[2]) =>
    JSON.stringify(sites(palette, [], scale)[0]?.paint?.['circle-radius']);
  expect(radius(null)).not.toContain('revenue');
  expect(radius({ measure: 'revenue', greatest: 500 })).toContain('["to-number",["get","revenue"],0]]');
  expect(dotRadius(5)).toBeLessThan(dotRadius(9));
});
