import { expect, test } from 'vitest';
import { formats } from '../src/view/format';

const de = formats('de', 'EUR');
const en = formats('en', 'EUR');
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test('money is short with its unit', () => {
  expect(plain(de.short(204160000000, 'money'))).toBe('2,04 Mrd. €');
  expect(plain(de.short(4834000000, 'money'))).toBe('48,3 Mio. €');
  expect(plain(en.short(4834000000, 'money'))).toBe('€48.3 m');
  expect(plain(de.short(18920000, 'money'))).toBe('189,2 Tsd. €');
  expect(plain(de.short(123456, 'money'))).toBe('1.235 €');
  expect(plain(en.short(-123456, 'money'))).toBe('−€1,235');
  expect(de.short(null, 'money')).toBe('–');
});

test('money is exact in its own minor unit', () => {
  expect(plain(de.exact(123456, 'money'))).toBe('1.234,56 €');
  expect(plain(en.exact(123456, 'money'))).toBe('€1,234.56');
  expect(plain(de.money(1234, 'JPY'))).toBe('1.234 ¥');
  expect(plain(en.money(5, 'USD'))).toBe('US$0.05');
  expect(plain(formats('de', 'CHF').exact(100, 'money'))).toBe('1,00 CHF');
});

test('a column has one scale and its unit in the heading', () => {
  const scale = de.scale(41820000000, 'money');
  expect(plain(de.unit('money', scale))).toBe('Mio. €');
  expect(de.scaled(41820000000, 'money', scale)).toBe('418,2');
  const small = de.scale(123456700, 'money');
  expect(plain(de.unit('money', small))).toBe('€');
  expect(de.scaled(123456700, 'money', small)).toBe('1.234.567');
  expect(plain(en.unit('money', en.scale(41820000000, 'money')))).toBe('€ m');
  expect(de.unit('count', de.scale(25118, 'count'))).toBe('');
});

test('a change bears its sign, a true minus', () => {
  expect(plain(de.change(0.046))).toBe('+4,6 %');
  expect(plain(de.change(-0.007))).toBe('−0,7 %');
  expect(plain(en.change(0))).toBe('0.0%');
  expect(de.change(null)).toBe('–');
  expect(plain(de.points(0.004))).toBe('+0,4 Pp.');
});

test('days, months and countries are written by language', () => {
  expect(de.day('2025-03-14')).toBe('14.03.2025');
  expect(en.day('2025-03-14')).toBe('14/03/2025');
  expect(en.month('2025-03')).toBe('Mar 2025');
  expect(de.country('AT', 'Austria')).toBe('Österreich');
  expect(en.country('AT', 'x')).toBe('Austria');
  expect(de.country('unassigned', 'none')).toBe('none');
});

test('quantities keep up to three digits', () => {
  expect(de.exact(12.5, 'quantity')).toBe('12,5');
  expect(de.exact(25118, 'count')).toBe('25.118');
});

test('a distance is no finer than it is known', () => {
  expect([25, 84, 134].map((metres) => plain(de.distance(metres)))).toEqual(['25 m', '85 m', '130 m']);
  expect(plain(de.distance(1742))).toBe('1,7 km');
  expect(plain(en.distance(9960))).toBe('10 km');
});

test('what is measured is told as finely as a hand can', () => {
  expect([0.4, 999.4, 999.6, 12_345, 123_456, 1_234_567].map(de.length).map(plain)).toEqual([
    '0 m',
    '999 m',
    '1,00 km',
    '12,35 km',
    '123,5 km',
    '1.235 km',
  ]);
  expect([950, 10_000, 123_456, 999_000, 1_000_000, 123_456_789, 69_651e6].map(en.area).map(plain)).toEqual([
    '950 m²',
    '1.00 ha',
    '12.35 ha',
    '99.90 ha',
    '1.00 km²',
    '123.5 km²',
    '69,651 km²',
  ]);
});
