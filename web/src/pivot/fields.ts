// The fields of a pivot: where each stands, and what moving one does.

import type { Pivot } from '../view/workspace';

export const ZONES = ['rows', 'columns', 'figures'] as const;
export type Zone = (typeof ZONES)[number];
export type Fields = Pick<Pivot, Zone>;

/** Whether a field may stand in a zone: levels in rows and columns, figures among the figures. */
export const fits = (from: Zone, to: Zone): boolean => (from === 'figures') === (to === 'figures');

/** With a field at a place of a zone, taken from wherever it stood. */
export function place(fields: Fields, zone: Zone, word: string, at: number): Fields {
  const before = fields[zone].indexOf(word);
  const rest = remove(fields, word);
  const index = before >= 0 && before < at ? at - 1 : at;
  return { ...rest, [zone]: [...rest[zone].slice(0, index), word, ...rest[zone].slice(index)] };
}

/** Without a field. */
export const remove = ({ rows, columns, figures }: Fields, word: string): Fields => ({
  rows: rows.filter((other) => other !== word),
  columns: columns.filter((other) => other !== word),
  figures: figures.filter((other) => other !== word),
});

/** Where an arrow key moves a field: along its zone, or to the other one of rows and columns; null for nowhere. */
export function moved(fields: Fields, zone: Zone, word: string, key: string): { fields: Fields; zone: Zone } | null {
  const index = fields[zone].indexOf(word);
  const along = key === 'ArrowRight' ? 2 : key === 'ArrowLeft' ? -1 : 0;
  if (along !== 0) {
    const at = index + along;
    return at < 0 || at > fields[zone].length ? null : { fields: place(fields, zone, word, at), zone };
  }
  const other =
    zone === 'rows' && key === 'ArrowDown' ? 'columns' : zone === 'columns' && key === 'ArrowUp' ? 'rows' : null;
  return other && { fields: place(fields, other, word, fields[other].length), zone: other };
}
