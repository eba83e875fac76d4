import { expect, test } from 'vitest';
import { fileName, isOnMap } from '../src/view/download';

test('a file is called what the server says', () => {
  expect(fileName('attachment; filename="revier-umsatz-kreis-2026-11-22.xlsx"', 'x')).toBe(
    'revier-umsatz-kreis-2026-11-22.xlsx',
  );
});

test('a name that says nothing, or too much, is not taken', () => {
  for (const header of [null, 'attachment', 'attachment; filename=""', 'attachment; filename=".."'])
    expect(fileName(header, 'revier.csv')).toBe('revier.csv');
  expect(fileName('attachment; filename="../../a.csv"', 'x')).toBe('a.csv');
});

test('a layer of a map has one level of places', () => {
  const opened = { level: 'region.state', expand: { '09': 'region.district' } };
  for (const row of ['region.district', 'region.h3_7', 'own.1', 'account.account', opened]) {
    expect(isOnMap({ rows: [row] })).toBe(true);
  }
  for (const row of ['time.month', 'account.stage', { ...opened, expand: { '09': 'product.category' } }]) {
    expect(isOnMap({ rows: [row] })).toBe(false);
  }
  expect(isOnMap({ rows: [] })).toBe(false);
  expect(isOnMap({ rows: ['region.state'], columns: [] })).toBe(true);
  expect(isOnMap({ rows: ['region.state'], columns: ['time.year'] })).toBe(false);
  expect(isOnMap({ rows: ['region.state', 'region.district'] })).toBe(false);
});
