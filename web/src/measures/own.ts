// Own measures: what they are called, which words they may have, and when they are others.

import type { Model, OwnMeasure } from '../api/wire';
import type { Language } from '../view/format';

/** Signs of a formula at most, as the server counts them. */
export const MAX_FORMULA = 500;
export const MAX_NAME = 40;
export const MAX_LABEL = 60;

/** What people call an own measure: in the other language where it has no label in theirs. */
export function labelOf({ name, label_de, label_en }: OwnMeasure, language: Language): string {
  const [first, second] = language === 'de' ? [label_de, label_en] : [label_en, label_de];
  return first || second || name;
}

/** The model with a version that is another one when its own measures are, so that figures are asked for again. */
export function modelOf(model: Model): Model {
  const own = model.measures.flatMap((measure) => measure.own ?? []);
  if (own.length === 0) return model;
  return { ...model, version: `${model.version}-${hash(JSON.stringify(own))}` };
}

/** Whether the server takes it as the word of a measure. */
export const isName = (name: string): boolean => /^[a-z][a-z0-9_]{0,39}$/.test(name);

/** The word that a label becomes: `Umsatz je m²` as `umsatz_je_m2`. */
export function nameFor(label: string): string {
  const folded = label
    .toLowerCase()
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '');
  return folded.slice(0, MAX_NAME);
}

/** A short word for a text (FNV-1a). */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return (value >>> 0).toString(36);
}
