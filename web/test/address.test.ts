import { describe, expect, test } from 'vitest';
import { namesPlace, readAddress, writeAddress } from '../src/view/address';
import {
  goingTo,
  showingAccount,
  showingImports,
  showingRelocation,
  showingReview,
  START,
  startingAt,
  withAsk,
  withPrecision,
  withTab,
  type Screen,
} from '../src/view/screen';

function comesBack(screen: Screen) {
  expect(readAddress(writeAddress(screen))).toEqual(screen);
}

describe('the address', () => {
  test('of the start comes back', () => comesBack(START));

  test('of a full question comes back', () =>
    comesBack({
      kind: 'explore',
      ask: {
        measure: 'average_order',
        level: 'municipality',
        at: { level: 'postal', key: 'AT-1010' },
        period: { kind: 'months', from: '2024-11', to: '2025-02' },
        categories: ['Bad & Fliesen', 'A=B?', 'ohne'],
        currency: 'CHF',
        opened: [
          { level: 'state', key: '09' },
          { level: 'government_district', key: '091' },
        ],
        picks: [
          { view: 'chart', level: 'product.product', keys: ['A:1', 'Ü & Co'] },
          { view: 'pivot', level: 'region.state', keys: ['09'] },
        ],
        shape: {
          polygon: [
            [11.57, 48.13],
            [-12.6, 48.2],
            [11.6, -0.05],
          ],
        },
      },
      tab: 'lines',
      shown: { area: false, sites: true, labels: false },
      streets: 'colour',
      precisions: ['house', 'street'],
      onlyMeant: true,
      second: { layout: 'swipe', period: { kind: 'months', from: '2023-01', to: '2023-06' }, measure: 'margin' },
      camera: { lon: 11.5755, lat: 48.1374, zoom: 9.25 },
      look: {
        form: 'bivariate',
        figures: true,
        second: 'margin_percent',
        parts: 'account.industry',
        per: 50_000,
        method: 'manual',
        count: 5,
        breaks: [-12.5, 0, 4e9],
        held: { breaks: [-0.5, 3], turn: 0 },
        palette: 'brown_teal',
        least: { of: 'orders', count: 12 },
        only: [0, 4],
      },
      workspace: {
        pivot: {
          rows: ['region.state', 'product.category'],
          columns: ['time.year'],
          figures: ['revenue', 'margin.share_of_total'],
          compare: 'previous_year',
          unfolded: [{ axis: 'product.category', path: ['Bad/Fliesen & Co', '1'], level: 'product.product' }],
          folded: ['09', 'a%2Fb'],
          sort: { by: '2025/revenue', descending: true },
        },
        chart: { form: 'scatter', level: 'account.account', other: 'margin_percent' },
        wide: true,
      },
    }));

  test('of own regions comes back', () => {
    comesBack(withAsk(START, { level: 'own-1', at: { level: 'own-2', key: 'Süd / 7:a' } }));
    expect(readAddress('?at=own-5:S&level=own-0').ask).toEqual(START.ask);
  });

  test('that does not say where to start keeps its kind when it is settled', () => {
    for (const query of ['?review=all', '?review=relocation', '?imports=all', '?account=K1', '?tab=chart']) {
      const screen = readAddress(query);
      const settled = startingAt(screen, { level: 'country', key: 'DE' });
      expect(settled).toEqual(withAsk(screen, { at: { level: 'country', key: 'DE' } }));
      expect(settled.kind).toBe(screen.kind);
    }
  });

  test('of an account with an odd key comes back', () => comesBack(showingAccount(START, 'K 1/ä&x.y#')));

  test('of imports comes back', () => {
    comesBack(showingImports(START, null));
    comesBack(showingImports(START, 17));
  });

  test('of the review comes back', () => {
    comesBack(showingReview(START, null));
    comesBack(showingReview(START, 'ambiguous_place', 'K 1/ä&x'));
    comesBack(showingRelocation(START));
    expect(writeAddress(showingReview(START, null, 'K1'))).toBe('?at=world&review=all&customer=K1');
  });

  test('writes only what differs from the start', () => {
    expect(writeAddress(START)).toBe('?at=world');
    expect(writeAddress(withTab(START, 'chart'))).toBe('?at=world&tab=chart');
    expect(writeAddress(withAsk(START, { at: { level: 'district', key: '09162' } }))).toBe('?at=district:09162');
  });

  test('that makes no sense is the start', () => {
    expect(
      readAddress('?at=kreis:1&measure=X-measure=x&level=ylevel=y&time=2025-13..2&tab=z&map=a,b&imports=x'),
    ).toEqual(showingImports(START, null));
    expect(readAddress('')).toEqual(START);
  });

  test('says whether it names a place', () => {
    expect(namesPlace('?at=world')).toBe(true);
    expect(namesPlace('?tab=chart')).toBe(false);
  });
});

test('going to a municipality shows its customers, and lines stay lines', () => {
  const munich = { level: 'municipality', key: '09162000' } as const;
  expect(goingTo(START, munich).tab).toBe('customers');
  expect(goingTo(withTab(START, 'lines'), munich).tab).toBe('lines');
  expect(goingTo(START, { level: 'state', key: '09' }).tab).toBe('table');
});

test('precisions are switched one by one, and all of them are no choice', () => {
  const without = withPrecision(withPrecision(START, 'postal'), 'place');
  expect(without.precisions).toEqual(['house', 'street', 'region']);
  expect(writeAddress(without)).toBe('?at=world&precision=house.street.region');
  expect(withPrecision(withPrecision(without, 'place'), 'postal').precisions).toEqual([]);
});
