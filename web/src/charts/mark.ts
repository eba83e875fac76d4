// What a chart draws: members with their figures.

import type { Answer } from '../api/wire';
import { UNASSIGNED } from '../view/levels';

export interface Mark {
  key: string;
  name: string;
  value: number;
  before: number | null;
  /** The second measure. */
  other: number | null;
  /** The part of the sum that this and all greater ones have; null where the measure does not add up. */
  cumulative: number | null;
}

/** The members of an answer that have a value, in its order; what has no member is no mark. */
export function marksOf(
  answer: Answer,
  measure: string,
  other: string,
  naming: (key: string, name: string) => string,
): Mark[] {
  const [level = ''] = answer.columns;
  const at = (word: string) => answer.columns.indexOf(word);
  const [value, before, second, cumulative] = [
    at(measure),
    at(`${measure}.previous_year`),
    at(other),
    at(`${measure}.cumulative_share`),
  ];
  return answer.rows.flatMap((row) => {
    const number = (place: number) => {
      const cell = row[place];
      return typeof cell === 'number' ? cell : null;
    };
    const [key, now] = [String(row[0]), number(value)];
    if (key === UNASSIGNED || now === null) return [];
    const name = naming(key, answer.members[level]?.[key] ?? key);
    return [{ key, name, value: now, before: number(before), other: number(second), cumulative: number(cumulative) }];
  });
}

/** What every drawing of marks needs. */
export interface Drawing {
  marks: Mark[];
  width: number;
  height: number;
  chosen: readonly string[];
  /** The mark that the keys or the pointer are at. */
  active: string | null;
  choose: (key: string, more: boolean) => void;
  point: (key: string | null) => void;
}
