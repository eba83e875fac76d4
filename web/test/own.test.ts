import { describe, expect, test } from 'vitest';
import type { Model, OwnMeasure } from '../src/api/wire';
import { isName, labelOf, modelOf, nameFor } from '../src/measures/own';
import { figureOf, modifiersOf } from '../src/pivot/figure';
import { formats, unitOf } from '../src/view/format';

const price: OwnMeasure = { name: 'price', formula: 'revenue / units', label_de: 'Preis', label_en: '' };
const word = (own: OwnMeasure, unit: 'money' | 'share' | 'number', compares = false) => ({
  id: own.name,
  unit,
  additive: false,
  additivity: 'nowhere' as const,
  available: true,
  compares,
  own,
});
const model = (...measures: Model['measures']): Model => ({
  currency: 'EUR',
  currencies: ['EUR'],
  conversions: [],
  version: '1',
  accounts: 0,
  lines: 0,
  first_day: null,
  last_day: null,
  precision: {},
  measures,
  levels: [],
  hierarchies: [],
  credits: [],
  provider: null,
  streets: null,
});

describe('own measures', () => {
  test('are called by the label that there is, or else by their name', () => {
    expect(labelOf(price, 'de')).toBe('Preis');
    expect(labelOf(price, 'en')).toBe('Preis');
    expect(labelOf({ ...price, label_de: '' }, 'en')).toBe('price');
  });

  test('get a word from their label', () => {
    expect(nameFor('Umsatz je m²')).toBe('umsatz_je_m2');
    expect(nameFor(' 2. Größe!')).toBe('groesse');
    expect(isName(nameFor('Umsatz je m²'))).toBe(true);
    expect(isName(nameFor('2'))).toBe(false);
  });

  test('make another version of the figures when they change', () => {
    const version = (formula: string) => modelOf(model(word({ ...price, formula }, 'money'))).version;
    expect(version('revenue / units')).toBe(version('revenue / units'));
    expect(version('revenue / units')).not.toBe(version('revenue / lines'));
    expect(modelOf(model()).version).toBe('1');
  });

  test('are written in their unit with their decimals', () => {
    const share = { ...price, name: 'part', decimals: 2 };
    const known = model(word(price, 'money'), word(share, 'share'));
    expect([unitOf('price', known), unitOf('part', known), unitOf('units', known)]).toEqual([
      'money',
      'share_2',
      'quantity',
    ]);
    const german = formats('de', 'EUR');
    expect(german.short(0.12345, 'share_2')).toBe('12,35\u00a0%');
    expect(formats('en', 'EUR').exact(-0.5, 'share_0')).toBe('\u221250%');
    const scale = german.scale(3, 'number_1');
    expect([german.scaled(1.25, 'number_1', scale), german.unit('number_1', scale)]).toEqual(['1,3', '']);
  });

  test('that look at another time have a rank only', () => {
    const known = model(word(price, 'money', true));
    expect(modifiersOf('price', known)).toEqual(['rank']);
    expect(figureOf('price', known)?.compares).toBe(true);
  });
});
