// Words by key: looked up, filled in, put into the right plural.

import type { Language } from '../view/format';
import { de } from './de';
import { en } from './en';

export type Key = keyof typeof en;
/** The keys that have a singular and a plural. */
export type PluralKey = Key extends infer K ? (K extends `${infer Base}.other` ? Base : never) : never;
export type Values = Record<string, string | number>;

const WORDS: Record<Language, Record<Key, string>> = { de, en };

/** The text of a key with `{name}` replaced by the value of that name. */
export const say = (language: Language, key: Key, values: Values = {}): string =>
  WORDS[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

/** The text for a count; `text` is the count as it is to be shown. */
export function sayCount(language: Language, key: PluralKey, count: number, text: string): string {
  const form = new Intl.PluralRules(language).select(count) === 'one' ? 'one' : 'other';
  return say(language, `${key}.${form}` as Key, { n: text });
}

/** The texts of `base.1`, `base.2` … whose every `{name}` has a value, in their order. */
export function sentences(language: Language, base: string, values: Values): string[] {
  const said: string[] = [];
  for (let n = 1; `${base}.${n}` in WORDS[language]; n += 1) {
    const key = `${base}.${n}` as Key;
    const names = [...WORDS[language][key].matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    if (names.every((name) => name in values)) said.push(say(language, key, values));
  }
  return said;
}

/** The text of a key made from words of the API; `fallback` when the screen has none for it. */
export const sayOr = (language: Language, key: string, fallback: string): string =>
  key in WORDS[language] ? WORDS[language][key as Key] : fallback;
