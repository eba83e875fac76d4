import { describe, expect, test } from 'vitest';
import type { Upload } from '../src/api/wire';
import { stackBox } from '../src/map/stack';
import { areaPath, indexAt, spanOf, yearMarks } from '../src/view/brush';
import { assign, fieldOf, fitting, mappingOf, missingFields } from '../src/view/mapping';

describe('the brush', () => {
  test('finds the month under the pointer and stays inside', () => {
    expect([indexAt(0, 120, 12), indexAt(119, 120, 12), indexAt(-5, 120, 12), indexAt(500, 120, 12)]).toEqual([
      0, 11, 0, 11,
    ]);
    expect(indexAt(5, 0, 12)).toBe(0);
    expect(spanOf(7, 3)).toEqual([3, 7]);
  });

  test('draws nothing of nothing', () => expect(areaPath([], 100, 50)).toEqual({ line: '', area: '' }));

  test('leaves out a broken first year without room', () => {
    const months = ['2022-12', '2023-01', '2023-02'];
    expect(yearMarks(months, 10, 34).map(({ year }) => year)).toEqual(['2023']);
    expect(yearMarks(months, 50, 34).map(({ year }) => year)).toEqual(['2022', '2023']);
  });
});

describe('the mapping', () => {
  const upload: Upload = {
    upload: 'u1',
    name: 'k.csv',
    size_bytes: 1,
    kind: 'accounts',
    format: '',
    columns: [
      { heading: 'Nr', field: 'key', samples: [] },
      { heading: 'PLZ', field: 'postal_code', samples: [] },
      { heading: 'Bemerkung', field: null, samples: [] },
    ],
    fields: {
      accounts: [
        { id: 'key', required: true },
        { id: 'postal_code', required: false },
      ],
      sales: [{ id: 'day', required: true }],
      addresses: [{ id: 'lon', required: true }],
      regions: [],
      rates: [],
    },
    rows: [],
  };

  test('starts as recognised', () => expect(mappingOf(upload)).toEqual({ key: 'Nr', postal_code: 'PLZ' }));

  test('gives a field to one column only', () => {
    const mapping = assign(mappingOf(upload), 'Bemerkung', 'postal_code');
    expect(mapping).toEqual({ key: 'Nr', postal_code: 'Bemerkung' });
    expect(fieldOf(mapping, 'PLZ')).toBeNull();
    expect(assign(mapping, 'Nr', null)).toEqual({ postal_code: 'Bemerkung' });
  });

  test('knows what is missing', () => {
    expect(missingFields(upload, 'accounts', {})).toEqual(['key']);
    expect(missingFields(upload, 'sales', mappingOf(upload))).toEqual(['day']);
    expect(fitting(upload, 'sales', mappingOf(upload))).toEqual({});
  });
});

test('the box of a stack holds its true position at every zoom', () => {
  for (const zoom of [12, 13.7, 17]) {
    const [west, south, east, north] = stackBox([11.5, 48.1], zoom);
    const tileUnit = 360 / 4096 / 2 ** Math.min(14, Math.floor(zoom));
    expect(east - west).toBeGreaterThan(2 * tileUnit);
    expect(north - south).toBeLessThan(0.0001);
  }
});
