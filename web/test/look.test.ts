import { describe, expect, test } from 'vitest';
import { readBounds, writeBounds } from '../src/view/bounds';
import { PLAIN_LOOK, readLook, withClass, writeLook, type Look } from '../src/view/look';
import { isFew, painter, valuesOf, type Judged } from '../src/view/paint';
import { PALETTES } from '../src/view/palettes';
import { goingTo, START, withAsk, withLook } from '../src/view/screen';

const read = (query: string) => readLook(new URLSearchParams(query));

describe('the look of an address', () => {
  test('comes back', () => {
    const check = (change: Partial<Look>) => {
      const look = { ...PLAIN_LOOK, ...change };
      expect(readLook(new URLSearchParams(writeLook(look)))).toEqual(look);
    };
    check({});
    check({ method: 'continuous', palette: 'viridis' });
    check({ form: 'dots', per: 250_000 });
    check({ form: 'heat', palette: 'ember' });
    check({ held: { breaks: [0.125], turn: null } });
    check({ least: { of: 'customers', count: 0 }, only: [2] });
  });

  test('leaves out what makes no sense', () => {
    expect(read('classes=best:99&palette=pink&least=friends:3&only=x.-1.200&bounds=a,1,1&held=')).toEqual({
      ...PLAIN_LOOK,
      breaks: [1],
    });
    expect(read('classes=natural&bounds=3,1,2').method).toBe('natural');
    expect(read('bounds=3,1,2').breaks).toEqual([1, 2, 3]);
    expect([read('per=0').per, read('per=-3').per, read('per=x').per]).toEqual([null, null, null]);
    expect(read('held=5,1@x').held).toEqual({ breaks: [1, 5], turn: null });
  });
});

test('a class that is clicked stays, and all of them are as none', () => {
  const one = withClass(PLAIN_LOOK, 2, 3);
  expect(one.only).toEqual([2]);
  expect(withClass(one, 0, 3).only).toEqual([0, 2]);
  expect(withClass(withClass(one, 0, 3), 1, 3).only).toEqual([]);
  expect(withClass(one, 2, 3).only).toEqual([]);
});

test('bounds of one measure or place say nothing of another', () => {
  const held = withLook(START, { per: 5, held: { breaks: [1], turn: null }, only: [1], method: 'equal' });
  expect(withAsk(held, { measure: 'margin' }).look).toEqual({ ...PLAIN_LOOK, method: 'equal' });
  expect(withAsk(held, { categories: ['a'] }).look).toBe(held.look);
  expect(goingTo(held, { level: 'state', key: '09' }).look).toEqual({ ...held.look, only: [] });
});

describe('bounds', () => {
  const check = (text: string, language: 'de' | 'en', expected: number[] | null) =>
    expect(readBounds(text, language, 100), text).toEqual(expected);

  test('are read as the language writes numbers', () => {
    check('1; 2,5; 1.000', 'de', [100, 250, 100000]);
    check('1; 2.5; 1,000', 'en', [100, 250, 100000]);
    check('3 1\u00a02', 'de', [100, 200, 300]);
    check('\u22125; 10%', 'de', [-500, 1000]);
  });

  test('that are none are not taken', () => {
    for (const text of ['', ' ; ', 'a', '1; b', '1; 1', '1 2 3 4 5 6 7 8 9', '1e3', '1,2,3']) check(text, 'de', null);
  });

  test('come back as they were written', () => {
    const bounds = [-123456, 0, 98765400];
    for (const [language, locale] of [
      ['de', 'de-DE'],
      ['en', 'en-GB'],
    ] as const)
      expect(readBounds(writeBounds(bounds, locale, 100), language, 100)).toEqual(bounds);
  });
});

describe('the paint of a region', () => {
  const [palette] = PALETTES as [(typeof PALETTES)[number]];
  const ratio: Judged = { measure: 'margin_percent', least: { of: 'customers', count: 5 } };
  const classes = { bounds: [0, 0.5, 1], counts: [1, 1], single: false, turn: null };
  const paint = painter(ratio, { classes, palette, theme: 'light', continuous: false, only: [1] });

  test('is that of its class', () => {
    expect(paint({ margin_percent: 0.9, customers: 5 })).toEqual({ colour: '#0d5c5e', few: false, faded: false });
    expect(paint({ margin_percent: 0.1, customers: 50 })).toEqual({ colour: '#eef4f1', few: false, faded: true });
  });

  test('is none without a figure, or with too little behind it', () => {
    expect(paint({ customers: 9 })).toEqual({ colour: null, few: false, faded: false });
    expect(paint({ margin_percent: 0.9, customers: 4 })).toEqual({ colour: null, few: true, faded: false });
    expect(isFew({ margin_percent: 0.9 }, ratio)).toBe(false);
    expect(isFew({ revenue: 1, customers: 1 }, { measure: 'revenue', least: null })).toBe(false);
  });

  test('is made of the regions that are judged', () => {
    const cell = (key: string, margin_percent: number, customers: number) => ({
      key,
      name: key,
      level: 'state' as const,
      now: { margin_percent, customers },
      before: null,
    });
    const cells = [cell('01', 0.1, 9), cell('02', 0.9, 2), cell('unassigned', 0.5, 99)];
    expect(valuesOf(cells, ratio)).toEqual([0.1]);
  });
});
