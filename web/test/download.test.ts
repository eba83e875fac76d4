import { expect, test } from 'vitest';
import { fileName } from '../src/view/download';

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
