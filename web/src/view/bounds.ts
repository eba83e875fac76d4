// Bounds between classes as the reader types them.

import type { Language } from './format';

/** The most bounds that classes can have between them. */
const MOST = 8;

/**
 * The numbers of a text such as `0,5; 1; 2.500` of the language, ascending, each times `factor`;
 * null where one of them is none, two are the same, or there are none or too many.
 */
export function readBounds(text: string, language: Language, factor: number): number[] | null {
  const words = text.split(/[;\s]+/).filter(Boolean);
  const numbers = words.map((word) => readNumber(word, language) * factor);
  const ordered = [...new Set(numbers)].sort((a, b) => a - b);
  const isRight = ordered.length === words.length && words.length > 0 && words.length <= MOST;
  return isRight && ordered.every(Number.isFinite) ? ordered : null;
}

/** Bounds as a text that `readBounds` takes. */
export const writeBounds = (bounds: readonly number[], locale: string, factor: number): string => {
  const format = new Intl.NumberFormat(locale, { maximumSignificantDigits: 6, useGrouping: false });
  return bounds.map((bound) => format.format(bound / factor)).join('; ');
};

function readNumber(word: string, language: Language): number {
  const [thousands, point] = language === 'de' ? ['.', ','] : [',', '.'];
  const plain = word.replace('\u2212', '-').replace(/%$/, '').replaceAll(thousands, '').replace(point, '.');
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : NaN;
}
