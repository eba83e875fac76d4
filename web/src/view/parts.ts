// The parts that make up the figure of a region, such as its product categories.

import type { Answer } from '../api/wire';
import type { Level } from './levels';

/** As many parts as can be told apart; more are the greatest of them and the others. */
export const MOST_PARTS = 6;
/** The key of all parts beyond those that are told apart. */
export const OTHERS = '';

export interface Part {
  key: string;
  name: string;
}

/** The same parts of every region, the greatest of all first. */
export interface Parts {
  parts: Part[];
  /** By level and key: the value of each part, in their order. What is below zero is no part. */
  values: ReadonlyMap<string, readonly number[]>;
}

/** The parts in answers by region and part. O(rows). */
export function partsOf(answers: readonly { level: Level; answer: Answer }[]): Parts {
  const sums = new Map<string, number>();
  const names = new Map<string, string>();
  for (const { answer } of answers) {
    for (const [, part, value] of answer.rows) {
      const key = String(part);
      sums.set(key, (sums.get(key) ?? 0) + positive(value));
      names.set(key, answer.members[answer.columns[1] ?? '']?.[key] ?? key);
    }
  }
  const sorted = [...sums].filter(([, sum]) => sum > 0).sort((a, b) => b[1] - a[1]);
  const told = sorted.length > MOST_PARTS ? sorted.slice(0, MOST_PARTS - 1) : sorted;
  const parts = told.map(([key]) => ({ key, name: names.get(key) ?? key }));
  if (told.length < sorted.length) parts.push({ key: OTHERS, name: '' });
  const place = new Map(told.map(([key], index) => [key, index]));
  const values = new Map<string, number[]>();
  for (const { level, answer } of answers) {
    for (const [region, part, value] of answer.rows) {
      const id = `${level}:${String(region)}`;
      const own = values.get(id) ?? parts.map(() => 0);
      const at = place.get(String(part)) ?? parts.length - 1;
      own[at] = (own[at] ?? 0) + positive(value);
      values.set(id, own);
    }
  }
  return { parts, values };
}

const positive = (value: string | number | null | undefined): number =>
  typeof value === 'number' && value > 0 ? value : 0;
