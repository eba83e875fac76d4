import { expect, test } from 'vitest';
import { addMonths, daysOf, isCovered, lastDayOf, monthsBetween, placeOf, yearBefore } from '../src/view/period';

const extent = { from: '2023-01-02', to: '2026-11-20' };

test('months are added over the turn of the year', () => {
  expect(addMonths('2025-11', 3)).toBe('2026-02');
  expect(addMonths('2025-01', -1)).toBe('2024-12');
  expect(addMonths('2025-06', -18)).toBe('2023-12');
});

test('the last day of a month knows leap years', () => {
  expect(lastDayOf('2024-02')).toBe('2024-02-29');
  expect(lastDayOf('2025-02')).toBe('2025-02-28');
  expect(lastDayOf('2025-12')).toBe('2025-12-31');
});

test('recent is the last twelve months, the broken one among them', () => {
  expect(daysOf({ kind: 'recent' }, extent)).toEqual({ from: '2025-12-01', to: '2026-11-20' });
  expect(daysOf({ kind: 'recent' }, { from: '2026-08-05', to: '2026-11-20' })).toEqual({
    from: '2026-08-05',
    to: '2026-11-20',
  });
  expect(daysOf({ kind: 'all' }, extent)).toEqual(extent);
  expect(daysOf({ kind: 'recent' }, null)).toBeNull();
});

test('months end with their last day, but not after the last figures', () => {
  expect(daysOf({ kind: 'months', from: '2025-01', to: '2025-02' }, extent)).toEqual({
    from: '2025-01-01',
    to: '2025-02-28',
  });
  expect(daysOf({ kind: 'months', from: '2026-01', to: '2026-12' }, extent)).toEqual({
    from: '2026-01-01',
    to: '2026-11-20',
  });
});

test('a month beyond the data is shown at its nearest end', () => {
  const months = monthsBetween('2023-01', '2023-12');
  expect(['2022-05', '2023-01', '2023-04', '2023-12', '2031-02'].map((month) => placeOf(month, months))).toEqual([
    0, 0, 3, 11, 11,
  ]);
});

function isShifted(from: string, to: string, before: [string, string]) {
  expect(yearBefore({ from, to })).toEqual({ from: before[0], to: before[1] });
}

test('the year before keeps days and ends of months', () => {
  isShifted('2025-12-01', '2026-11-20', ['2024-12-01', '2025-11-20']);
  isShifted('2025-02-01', '2025-02-28', ['2024-02-01', '2024-02-29']);
  isShifted('2024-02-01', '2024-02-29', ['2023-02-01', '2023-02-28']);
  isShifted('2026-01-01', '2026-12-31', ['2025-01-01', '2025-12-31']);
});

test('a comparison is fair from the first month with figures on', () => {
  expect(isCovered({ from: '2023-01-01', to: '2023-12-31' }, extent)).toBe(true);
  expect(isCovered({ from: '2022-12-01', to: '2023-11-30' }, extent)).toBe(false);
});

test('months between are all of them', () => {
  expect(monthsBetween('2025-11', '2026-01')).toEqual(['2025-11', '2025-12', '2026-01']);
  expect(monthsBetween('2026-01', '2025-11')).toEqual([]);
});
