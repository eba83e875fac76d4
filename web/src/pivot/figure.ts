// Words of measures and of what is made of them: `revenue`, `revenue.share_of_total`.

import type { Model, Unit } from '../api/wire';
import type { Comparison } from '../view/workspace';

export interface Figure {
  /** As the cube names it. */
  word: string;
  measure: string;
  /** What is made of the measure; empty for itself. */
  modifier: string;
  unit: Unit;
  /** Digits behind the point of an own measure. */
  decimals?: number;
  /** Whether it looks at another time already. */
  compares: boolean;
}

/** What can be made of a measure by looking at other rows. */
export const MODIFIERS = [
  'share_of_total',
  'share_of_parent',
  'rank',
  'cumulative_share',
  'abc',
  'running_total',
  'moving_average_3',
  'moving_average_12',
  'index',
] as const;

const ADDITIVE_ONLY: readonly string[] = [
  'cumulative_share',
  'abc',
  'running_total',
  'moving_average_3',
  'moving_average_12',
];
const SHARES: readonly string[] = ['share_of_total', 'share_of_parent', 'cumulative_share', 'change_percent'];

/** The figure of a word; null when the model has no such measure. */
export function figureOf(word: string, model: Model): Figure | null {
  const [id = '', modifier = ''] = word.split('.');
  const measure = model.measures.find((known) => known.id === id && known.available);
  if (!measure) return null;
  const { unit, own, compares } = measure;
  const decimals = modifier === '' || modifier.startsWith('previous_') ? own?.decimals : undefined;
  return { word, measure: id, modifier, unit: unitOf(modifier, unit), decimals, compares };
}

/** The modifiers that make sense for a measure. */
export function modifiersOf(measure: string, model: Model): string[] {
  const known = model.measures.find(({ id }) => id === measure);
  if (!known || known.unit === 'day' || known.compares) return known ? ['rank'] : [];
  return MODIFIERS.filter((modifier) => known.additive || !ADDITIVE_ONLY.includes(modifier));
}

/** The columns of the chosen figures, each measure followed by its comparison. */
export function columnsOf(words: readonly string[], compare: Comparison | null, model: Model): Figure[] {
  return words.flatMap((word) => {
    const figure = figureOf(word, model);
    if (!figure) return [];
    if (!compare || figure.modifier || figure.unit === 'day' || figure.compares) return [figure];
    // Shares change by points: a change in per cent of a per cent misleads.
    const change = figure.unit === 'share' ? 'change' : 'change_percent';
    return [word, `${word}.${compare}`, `${word}.${change}`].flatMap((one) => figureOf(one, model) ?? []);
  });
}

/** Whether a figure belongs to a comparison, and so stands beside its measure. */
export const isComparison = (figure: Figure): boolean => isChange(figure) || figure.modifier.startsWith('previous_');

/** Whether a figure tells a change, which has a good and a bad side. */
export const isChange = ({ modifier }: Figure): boolean => modifier === 'change' || modifier === 'change_percent';

function unitOf(modifier: string, unit: Unit): Unit {
  if (SHARES.includes(modifier)) return 'share';
  if (modifier === 'rank') return 'count';
  if (modifier === 'abc') return 'class';
  return modifier === 'index' ? 'number' : unit;
}
