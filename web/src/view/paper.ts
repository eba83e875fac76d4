// Printed maps: what is asked of the server.

import type { Question } from '../api/wire';
import type { Language } from './format';
import { orderedBreaks, type Look } from './look';

export const PRINT_FORMATS = ['pdf', 'png', 'svg'] as const;
export type PrintFormat = (typeof PRINT_FORMATS)[number];

export const PRINT_SIZES = ['a4', 'a3'] as const;
export type PrintSize = (typeof PRINT_SIZES)[number];

/** The question of a map: one level of regions, as the table shows it. */
export const printed = ({ measures, rows, filters, sort, currency }: Question): Question => ({
  measures,
  rows,
  filters,
  sort,
  ...(currency ? { currency } : {}),
});

/** The query of a map that looks as the one on the screen. */
export function printQuery(
  look: Look,
  { format, size, language, measure }: { format: PrintFormat; size: PrintSize; language: Language; measure: string },
): string {
  const { held, method } = look;
  const isContinuous = method === 'continuous';
  const bounds = orderedBreaks(held?.breaks ?? (method === 'manual' ? look.breaks : []));
  const holds = held !== null && (isContinuous ? bounds.length === 2 : bounds.length > 0);
  const query = new URLSearchParams({ format, size, language, measure });
  query.set('method', holds && !isContinuous ? 'manual' : method);
  query.set('classes', String(look.count));
  if ((holds || method === 'manual') && bounds.length > 0) query.set('bounds', bounds.join(','));
  // Bounds alone would not tell that the classes stood around a mean.
  if (holds) query.set('turn', String(held.turn ?? 'none'));
  if (look.palette) query.set('palette', look.palette);
  query.set('least', `${look.least.of}:${look.least.count}`);
  return query.toString();
}
