// How the figures of regions are drawn on the map, and how the address writes it.

import type { Measure, MeasureWord } from '../api/wire';
import type { Fit } from './classes';
import { PALETTES, type PaletteName } from './palettes';

/** How the values are put into classes; `continuous` has none. */
export const METHODS = ['quantile', 'equal', 'natural', 'deviation', 'manual', 'continuous'] as const;
export type Method = (typeof METHODS)[number];

/**
 * What the figures of regions are drawn as. Areas, hexagons and areas of two measures have classes; the
 * others stand on plain areas. `dots` are spread over the land, `heat` is of the customers themselves.
 */
export const FORMS = ['area', 'circles', 'dots', 'heat', 'bivariate', 'hexagons', 'pies', 'bars'] as const;
export type LookForm = (typeof FORMS)[number];

export const LEAST_CLASSES = 3;
export const MOST_CLASSES = 9;

/** What is counted to tell whether a ratio can be judged. */
export const BASES = ['customers', 'orders', 'lines'] as const;
export type Basis = (typeof BASES)[number];

export interface Look {
  form: LookForm;
  /** Whether each region has its figure written on it. */
  figures: boolean;
  /** The second measure of `bivariate`. */
  second: Measure;
  /** Word of the level whose members are the parts of `pies`. */
  parts: string;
  /** What each of `dots` stands for, in the units of answers; null for what fits the figures. */
  per: number | null;
  method: Method;
  /** How many classes, 3 to 9. */
  count: number;
  /** The bounds between the classes of `manual`, ascending; none means those of quantiles. */
  breaks: readonly number[];
  /** The classes that the reader holds fast, whatever the figures; null for none. */
  held: Fit | null;
  /** Null is the one that fits the figures. */
  palette: PaletteName | null;
  /** Ratios of regions that have less than `count` of `of` are not judged. */
  least: { of: Basis; count: number };
  /** The classes that stay while the others fade, ascending; none means all. */
  only: readonly number[];
}

export const PLAIN_LOOK: Look = {
  form: 'area',
  figures: false,
  second: 'customers',
  parts: 'product.category',
  per: null,
  method: 'quantile',
  count: 7,
  breaks: [],
  held: null,
  palette: null,
  least: { of: 'customers', count: 5 },
  only: [],
};

/** The look for other figures: what was bound to those of before is gone. */
export const lookAfresh = (look: Look): Look => ({ ...look, per: null, breaks: [], held: null, only: [] });

/** With a class more or less among those that stay; all of them is the same as none. */
export function withClass(look: Look, index: number, classes: number): Look {
  const chosen = look.only.includes(index)
    ? look.only.filter((other) => other !== index)
    : [...look.only, index].sort((a, b) => a - b);
  return { ...look, only: chosen.length >= classes ? [] : chosen };
}

/** The parts of the address that differ from `PLAIN_LOOK`. */
export function writeLook(look: Look): [string, string][] {
  const query: [string, string][] = [];
  const { form, per, method, count, breaks, held, palette, least, only } = look;
  if (form !== PLAIN_LOOK.form) query.push(['form', form]);
  if (look.figures) query.push(['write', 'figures']);
  if (look.second !== PLAIN_LOOK.second) query.push(['pair', look.second]);
  if (look.parts !== PLAIN_LOOK.parts) query.push(['parts', look.parts]);
  if (per !== null) query.push(['per', String(per)]);
  if (method !== PLAIN_LOOK.method || count !== PLAIN_LOOK.count) query.push(['classes', `${method}:${count}`]);
  if (breaks.length > 0) query.push(['bounds', breaks.join(',')]);
  if (held) query.push(['held', held.breaks.join(',') + (held.turn === null ? '' : `@${held.turn}`)]);
  if (palette) query.push(['palette', palette]);
  if (least.of !== PLAIN_LOOK.least.of || least.count !== PLAIN_LOOK.least.count)
    query.push(['least', `${least.of}:${least.count}`]);
  if (only.length > 0) query.push(['only', only.join('.')]);
  return query;
}

/** The look of a query; what makes no sense is left at its plain value. */
export function readLook(query: URLSearchParams): Look {
  const [method = '', count = ''] = (query.get('classes') ?? '').split(':');
  const [of = '', least = ''] = (query.get('least') ?? '').split(':');
  const held = query.get('held');
  const basis = BASES.find((known) => known === of);
  const [second, parts] = [query.get('pair') ?? '', query.get('parts') ?? ''];
  return {
    form: FORMS.find((known) => known === query.get('form')) ?? PLAIN_LOOK.form,
    figures: query.get('write') === 'figures',
    second: /^[a-z]\w*$/.test(second) ? second : PLAIN_LOOK.second,
    parts: /^[a-z]+\.\w+$/.test(parts) ? parts : PLAIN_LOOK.parts,
    per: readPer(query.get('per') ?? ''),
    method: METHODS.find((known) => known === method) ?? PLAIN_LOOK.method,
    count: wholeWithin(count, LEAST_CLASSES, MOST_CLASSES) ?? PLAIN_LOOK.count,
    breaks: readBreaks(query.get('bounds') ?? ''),
    held: held === null ? null : readFit(held),
    palette: PALETTES.find(({ name }) => name === query.get('palette'))?.name ?? null,
    least: basis ? { of: basis, count: wholeWithin(least, 0, 9999) ?? PLAIN_LOOK.least.count } : PLAIN_LOOK.least,
    only: [...new Set((query.get('only') ?? '').split('.').flatMap((word) => wholeWithin(word, 0, 98) ?? []))].sort(
      (a, b) => a - b,
    ),
  };
}

/** What has to be asked besides the measure of the map. */
export const measuresFor = ({ least, form, second }: Look): Measure[] =>
  form === 'bivariate' ? [least.of, second] : [least.of];

/** Whether small charts stand on the regions, which then carry their figures. */
export const isGlyph = ({ form }: Look): boolean => form === 'pies' || form === 'bars';

/** Whether what is drawn is made of sums: a ratio is none. */
export const isOfSums = ({ form }: Look): boolean => form === 'dots' || form === 'heat';

/** Whether regions carry something, so that it must be known where each of them is. */
export const standsOn = ({ figures, form }: Look): boolean =>
  figures || ['circles', 'dots', 'pies', 'bars'].includes(form);

/** Whether a measure is a ratio, of which a few customers tell little. */
export const isRatio = (measure: MeasureWord | undefined): boolean =>
  measure?.additivity === 'nowhere' && measure.unit !== 'day';

/** Finite and ascending, each once, as many as classes can have. */
export const orderedBreaks = (breaks: readonly number[]): number[] =>
  [...new Set(breaks.filter(Number.isFinite))].sort((a, b) => a - b).slice(0, MOST_CLASSES - 1);

const readBreaks = (text: string): number[] => orderedBreaks(text === '' ? [] : text.split(',').map(Number));

function readPer(text: string): number | null {
  const value = Number(text);
  return text !== '' && Number.isFinite(value) && value > 0 ? value : null;
}

function readFit(text: string): Fit | null {
  const [breaks = '', turn = ''] = text.split('@');
  const read = readBreaks(breaks);
  if (read.length === 0) return null;
  return { breaks: read, turn: turn !== '' && Number.isFinite(Number(turn)) ? Number(turn) : null };
}

function wholeWithin(text: string, least: number, most: number): number | null {
  const value = Number(text);
  return /^\d{1,4}$/.test(text) && value >= least && value <= most ? value : null;
}
