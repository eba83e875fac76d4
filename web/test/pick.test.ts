import { expect, test } from 'vitest';
import { entering, goingTo, START, withAsk } from '../src/view/screen';
import { choose, picksFor, readPicks, toggle, without, writePicks, type Pick } from '../src/view/pick';

const pumps = { level: 'product.category', keys: ['Pumpen'] };

test('a choice again is taken back', () => {
  const once = choose([], 'chart', [pumps]);
  expect(once).toEqual([{ ...pumps, view: 'chart' }]);
  expect(choose(once, 'chart', [pumps])).toEqual([]);
  expect(choose(once, 'pivot', [pumps])).toHaveLength(2);
});

test('members are added one by one', () => {
  const two = toggle(toggle([], 'chart', 'region.state', '09'), 'chart', 'region.state', '08');
  expect(two).toEqual([{ view: 'chart', level: 'region.state', keys: ['09', '08'] }]);
  expect(toggle(toggle(two, 'chart', 'region.state', '09'), 'chart', 'region.state', '08')).toEqual([]);
});

test('a choice filters every view but its own', () => {
  const picks: Pick[] = [...choose([], 'chart', [pumps]), { view: 'pivot', level: 'region.state', keys: ['09'] }];
  expect(picksFor(picks, 'chart').map(({ view }) => view)).toEqual(['pivot']);
  expect(picksFor(picks, null)).toHaveLength(2);
  expect(without(picks, picks[0] as Pick)).toHaveLength(1);
});

test('an own region that is left for an official one inside it stays as a filter', () => {
  const inSouth = withAsk(START, { at: { level: 'own-1', key: 'S' } });
  const bavaria = { level: 'state', key: '09' } as const;
  const inBoth = entering(inSouth, bavaria);
  const kept: Pick = { view: 'map', level: 'own.1', keys: ['S'] };
  expect(inBoth.ask).toMatchObject({ at: bavaria, picks: [kept] });
  expect(entering(inBoth, { level: 'district', key: '09162' }).ask.picks).toEqual([kept]);
  // It ends where it makes no sense any more.
  expect(goingTo(inBoth, null).ask.picks).toEqual([]);
  expect(goingTo(inBoth, { level: 'own-1', key: 'N' }).ask.picks).toEqual([]);
  expect(entering(inSouth, { level: 'own-2', key: 'S1' }).ask.picks).toEqual([]);
  expect(entering(START, bavaria).ask.picks).toEqual([]);
});

test('choices come back from the address, odd ones do not', () => {
  const picks: Pick[] = [{ view: 'chart', level: 'product.product', keys: ['A:1', 'Ü & Co'] }];
  expect(readPicks(writePicks(picks))).toEqual(picks);
  expect(readPicks(['table:region.state:09', 'chart:state:09', 'chart:region.state:'])).toEqual([]);
});
