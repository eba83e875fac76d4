import { expect, test } from 'vitest';
import type { View } from '../src/api/wire';
import { byName, fits, fitting, isShown, namedLike } from '../src/saved/names';
import { readAddress, writeAddress } from '../src/view/address';
import { START, withCamera } from '../src/view/screen';

const named = (name: string, address = '?at=world'): View => ({ id: 1, name, address, at: '2026-01-01T00:00:00Z' });
const names = (views: View[]) => views.map(({ name }) => name);

test('views stand in the order of the language, numbers by their size', () => {
  const views = ['Zonen', 'Woche 10', 'Österreich', 'Woche 9', 'alle'].map((name) => named(name));
  expect(names(byName(views, 'de-DE'))).toEqual(['alle', 'Österreich', 'Woche 9', 'Woche 10', 'Zonen']);
});

test('views are found by every word of what is typed', () => {
  const views = [named('Umsatz Bayern'), named('Marge Bayern'), named('Umsatz Berlin')];
  expect(names(fitting(views, ' bay UMS', 'de-DE'))).toEqual(['Umsatz Bayern']);
  expect(fitting(views, ' ', 'de-DE')).toHaveLength(3);
});

test('a name is taken as the server sees it: without the spaces around it, in capitals or not', () => {
  const views = [named('Länder')];
  expect(namedLike(views, ' Länder ')).toBe(views[0]);
  expect(namedLike(views, 'LÄNDER')).toBe(views[0]);
  expect(namedLike(views, 'Land')).toBeUndefined();
  // Homes of before may have both.
  const both = [...views, named('länder')];
  expect(namedLike(both, 'länder')).toBe(both[1]);
});

test('names have 1 to 80 signs, whatever a sign takes', () => {
  expect([fits(''), fits('  '), fits('ä'), fits('🗺'.repeat(80)), fits('ä'.repeat(81))]).toEqual([
    false,
    false,
    true,
    true,
    false,
  ]);
});

test('a view is on the screen wherever the map stands and however its address is written', () => {
  const address = '?tab=pivot&rows=region.state&at=country:DE';
  const screen = readAddress(address);
  expect(isShown(named('Länder', address), withCamera(screen, { lon: 10, lat: 50, zoom: 6 }))).toBe(true);
  expect(isShown(named('Länder', writeAddress(screen)), START)).toBe(false);
});
