import { expect, test } from 'vitest';
import type { Model } from '../src/api/wire';
import { readSecond, secondScope, writeSecond, type Second } from '../src/view/second';
import { START, withSecond } from '../src/view/screen';

const model = {
  currency: 'EUR',
  currencies: ['EUR'],
  conversions: [],
  first_day: '2023-01-01',
  last_day: '2026-11-20',
} as unknown as Model;
const scope = (second: Partial<Second>) =>
  secondScope(START.ask, { layout: 'side', period: null, measure: null, ...second }, model);

test('the second map shows the year before, or its own time', () => {
  expect(scope({})?.days).toEqual({ from: '2024-12-01', to: '2025-11-20' });
  expect(scope({ period: { kind: 'months', from: '2024-01', to: '2024-12' } })?.days?.to).toBe('2024-12-31');
  const early = { ...START.ask, period: { kind: 'months' as const, from: '2023-01', to: '2023-06' } };
  expect(secondScope(early, { layout: 'side', period: null, measure: null }, model)).toBeNull();
});

test('what is not said of it stays', () => {
  const swiped = withSecond(withSecond(START, { measure: 'margin' }), { layout: 'swipe' });
  expect(swiped.second).toEqual({ layout: 'swipe', period: null, measure: 'margin' });
  expect(withSecond(swiped, null).second).toBeNull();
});

test('its address leaves out what is usual, and nonsense is none', () => {
  const read = (text: string) => readSecond(new URLSearchParams(text));
  expect(writeSecond(null)).toEqual([]);
  expect(writeSecond({ layout: 'side', period: null, measure: null })).toEqual([['second', 'side']]);
  expect(read('second=above')).toBeNull();
  expect(read('second=swipe&second-time=recent&second-measure=A B')).toEqual({
    layout: 'swipe',
    period: { kind: 'recent' },
    measure: null,
  });
});
