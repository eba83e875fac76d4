// Numbers, money, days and months as the reader's language writes them.

import type { Measure, MeasureUnit, Model } from '../api/wire';

export type Language = 'de' | 'en';

export const localeOf = (language: Language): string => (language === 'de' ? 'de-DE' : 'en-GB');

/** What the numbers of a measure are; those of the product are known before the model is. */
export function unitOf(measure: Measure, model: Model | null): MeasureUnit {
  const known = model?.measures.find(({ id }) => id === measure);
  if (known?.unit === 'share') return `share_${known.own?.decimals ?? 1}`;
  if (known?.unit === 'number') return `number_${known.own?.decimals ?? 2}`;
  if (known?.unit === 'money' || known?.unit === 'quantity') return known.unit;
  if (known) return 'count';
  if (measure === 'units') return 'quantity';
  return measure === 'revenue' || measure === 'margin' || measure === 'average_order' ? 'money' : 'count';
}

/** How a share or a plain number is written; null for what is scaled. */
function plain(unit: MeasureUnit): { isShare: boolean; decimals: number } | null {
  const [kind, decimals] = unit.split('_');
  return decimals === undefined ? null : { isShare: kind === 'share', decimals: Number(decimals) };
}

/** A power of thousand by which figures are divided, and the digits they keep behind the point. */
export interface Scale {
  divisor: number;
  word: string;
  decimals: number;
}

const WORDS: Record<Language, readonly string[]> = {
  de: ['', 'Tsd.', 'Mio.', 'Mrd.'],
  en: ['', 'k', 'm', 'bn'],
};

export interface Formats {
  /** The scale of a column whose greatest figure is given: whole up to seven digits, so that small ones can be told apart. */
  scale: (greatest: number, unit: MeasureUnit) => Scale;
  /** The scale of the classes of a legend, by their middle bound. */
  legendScale: (middle: number, unit: MeasureUnit) => Scale;
  /** A figure in a scale, without its unit, for columns whose heading has it. */
  scaled: (value: number | null, unit: MeasureUnit, scale: Scale) => string;
  /** What a figure written as 1 in a scale stands for. */
  factor: (unit: MeasureUnit, scale: Scale) => number;
  /** The unit of a scaled column, such as `Mio. €`; empty for plain counts. */
  unit: (unit: MeasureUnit, scale: Scale) => string;
  /** A single figure with its unit, shortened. */
  short: (value: number | null, unit: MeasureUnit) => string;
  /** A single figure with its unit, every digit. */
  exact: (value: number | null, unit: MeasureUnit) => string;
  money: (value: number | null, currency: string) => string;
  percent: (ratio: number | null) => string;
  /** A share in whole percents. */
  share: (ratio: number) => string;
  /** A ratio with its sign. */
  change: (ratio: number | null) => string;
  /** A difference of two ratios with its sign, in percentage points. */
  points: (ratio: number | null) => string;
  count: (value: number) => string;
  /** A plain number with one digit behind the point. */
  number: (value: number | null) => string;
  /** A length in metres, in metres below a kilometre and kilometres above, no finer than it is known. */
  distance: (metres: number) => string;
  /** A measured length in metres, in metres below a kilometre and kilometres above. */
  length: (metres: number) => string;
  /** A measured area in square metres, in hectares from one on, in square kilometres from one on. */
  area: (squareMetres: number) => string;
  day: (day: string) => string;
  time: (moment: string) => string;
  month: (month: string) => string;
  country: (key: string, fallback: string) => string;
}

export const NOTHING = '–';

/** The scale of what is written as it is. */
export const UNSCALED: Scale = { divisor: 1, word: '', decimals: 0 };

/** Formats of a language with money in minor units of `currency` (ISO 4217; null shows bare numbers). */
export function formats(language: Language, currency: string | null): Formats {
  const locale = localeOf(language);
  const digits = minorDigits(locale, currency);
  const symbol = symbolOf(locale, currency);
  // Making a format costs more than using it; a scrolled table uses thousands.
  const numbers = new Map<number, Intl.NumberFormat>();
  const number = (value: number, decimals: number) => {
    let made = numbers.get(decimals);
    if (!made) {
      made = new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
      numbers.set(decimals, made);
    }
    return trueMinus(made.format(value));
  };
  const percent = new Intl.NumberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const whole = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const signed = new Intl.NumberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  });
  const signedNumber = new Intl.NumberFormat(locale, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  });
  const quantity = new Intl.NumberFormat(locale, { maximumFractionDigits: 3 });
  const days = new Intl.DateTimeFormat(locale, { day: '2-digit', month: '2-digit', year: 'numeric', timeZone: 'UTC' });
  const months = new Intl.DateTimeFormat(locale, { month: 'short', year: 'numeric', timeZone: 'UTC' });
  const times = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const countries = new Intl.DisplayNames(locale, { type: 'region', fallback: 'none' });

  // A share or a number on its own: neither has a scale.
  const bare = (value: number, { isShare, decimals }: { isShare: boolean; decimals: number }) =>
    isShare ? `${number(value * 100, decimals)}${language === 'de' ? '\u00a0' : ''}%` : number(value, decimals);
  const major = (value: number, unit: MeasureUnit) => (unit === 'money' ? value / 10 ** digits : value);
  const withUnit = (text: string, unit: string) => (unit ? `${text}\u00a0${unit}` : text);
  const withSymbol = (text: string, sign: string) =>
    language === 'de' ? withUnit(text, sign) : symbolFirst(text, sign);
  const unitWord = (unit: MeasureUnit, { word }: Scale) =>
    unit !== 'money'
      ? word
      : language === 'de'
        ? [word, symbol].filter(Boolean).join('\u00a0')
        : symbol + (word && ` ${word}`);

  const made: Formats = {
    scale: (most, unit) => {
      if (plain(unit)) return UNSCALED;
      const value = Math.abs(major(most, unit));
      return power(language, value >= 1e10 ? 3 : value >= 1e7 ? 2 : 0, value, 100);
    },
    legendScale: (middle, unit) => {
      if (plain(unit)) return UNSCALED;
      const value = Math.abs(major(middle, unit));
      return power(language, powerOf(value, 1e4), value, 10);
    },
    scaled: (value, unit, { divisor, decimals }) => {
      if (value === null) return NOTHING;
      const alone = plain(unit);
      return alone ? bare(value, alone) : number(major(value, unit) / divisor, decimals);
    },
    factor: (unit, { divisor }) => {
      const alone = plain(unit);
      if (alone) return alone.isShare ? 0.01 : 1;
      return unit === 'money' ? divisor * 10 ** digits : divisor;
    },
    unit: unitWord,
    short: (value, unit) => {
      if (value === null) return NOTHING;
      const alone = plain(unit);
      if (alone) return bare(value, alone);
      const size = Math.abs(major(value, unit));
      const scale = power(language, unit === 'money' || size >= 1e6 ? powerOf(size, 1e4) : 0, size, 10);
      const text = withUnit(made.scaled(value, unit, scale), scale.word);
      return unit === 'money' ? withSymbol(text, symbol) : text;
    },
    exact: (value, unit) => {
      if (value === null) return NOTHING;
      const alone = plain(unit);
      if (alone) return bare(value, alone);
      return unit === 'money' ? made.money(value, currency ?? '') : trueMinus(quantity.format(value));
    },
    money: (value, code) => {
      if (value === null) return NOTHING;
      const isOwn = code === currency;
      const places = isOwn ? digits : minorDigits(locale, code || null);
      return withSymbol(number(value / 10 ** places, places), isOwn ? symbol : symbolOf(locale, code || null));
    },
    percent: (ratio) => (ratio === null ? NOTHING : trueMinus(percent.format(ratio))),
    share: (ratio) => whole.format(ratio),
    change: (ratio) => (ratio === null ? NOTHING : trueMinus(signed.format(ratio))),
    points: (ratio) =>
      ratio === null
        ? NOTHING
        : `${trueMinus(signedNumber.format(ratio * 100))}\u00a0${language === 'de' ? 'Pp.' : 'pp'}`,
    count: (value) => number(value, 0),
    number: (value) => (value === null ? NOTHING : number(value, 1)),
    distance: (metres) =>
      metres < 950
        ? withUnit(number(roundTo(metres < 100 ? 5 : 10, metres), 0), 'm')
        : withUnit(number(metres / 1000, metres < 9_950 ? 1 : 0), 'km'),
    length: (metres) =>
      metres < 999.5
        ? withUnit(number(metres, 0), 'm')
        : withUnit(number(metres / 1e3, metres < 1e5 ? 2 : metres < 1e6 ? 1 : 0), 'km'),
    area: (squareMetres) => {
      if (squareMetres < 9_999.5) return withUnit(number(squareMetres, 0), 'm²');
      const [value, word] = squareMetres < 1e6 ? [squareMetres / 1e4, 'ha'] : [squareMetres / 1e6, 'km²'];
      return withUnit(number(value, value < 100 ? 2 : value < 1000 ? 1 : 0), word);
    },
    day: (day) => days.format(new Date(`${day}T00:00:00Z`)),
    time: (moment) => times.format(new Date(moment)),
    month: (month) => months.format(new Date(`${month}-01T00:00:00Z`)),
    country: (key, fallback) => (/^[A-Z]{2}$/.test(key) ? (countries.of(key) ?? fallback) : fallback),
  };
  return made;
}

/** The power of thousand for a single figure; thousands begin at `fromThousands`. */
const powerOf = (value: number, fromThousands: number) =>
  value >= 1e9 ? 3 : value >= 1e6 ? 2 : value >= fromThousands ? 1 : 0;

/** A power of thousand with two digits behind the point for figures below `fine`, else one; none for whole figures. */
function power(language: Language, exponent: number, value: number, fine: number): Scale {
  const divisor = 1000 ** exponent;
  const decimals = exponent === 0 ? 0 : value / divisor < fine ? 2 : 1;
  return { divisor, word: WORDS[language][exponent] ?? '', decimals };
}

const roundTo = (step: number, value: number) => Math.round(value / step) * step;

const trueMinus = (text: string) => text.replace('-', '\u2212');

const symbolFirst = (text: string, symbol: string) =>
  text.startsWith('\u2212') ? `\u2212${symbol}${text.slice(1)}` : symbol + text;

function minorDigits(locale: string, currency: string | null): number {
  if (!currency) return 2;
  return new Intl.NumberFormat(locale, { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

function symbolOf(locale: string, currency: string | null): string {
  if (!currency) return '';
  const parts = new Intl.NumberFormat(locale, { style: 'currency', currency }).formatToParts(0);
  return parts.find((part) => part.type === 'currency')?.value ?? currency;
}
