// Which column of a file becomes which field.

import type { ImportKind, Mapping, Upload } from '../api/wire';

/** The mapping that the server recognised. */
export const mappingOf = (upload: Upload): Mapping =>
  Object.fromEntries(upload.columns.flatMap(({ heading, field }) => (field ? [[field, heading]] : [])));

/** The field of a column; null when it is left out. */
export const fieldOf = (mapping: Mapping, heading: string): string | null =>
  Object.keys(mapping).find((field) => mapping[field] === heading) ?? null;

/** The mapping with a column given to a field, taken from whichever had it; null leaves the column out. */
export function assign(mapping: Mapping, heading: string, field: string | null): Mapping {
  const rest = Object.entries(mapping).filter(([name, column]) => column !== heading && name !== field);
  return Object.fromEntries(field ? [...rest, [field, heading]] : rest);
}

/** Fields that a kind of file must have and the mapping lacks. */
export const missingFields = (upload: Upload, kind: ImportKind, mapping: Mapping): string[] =>
  upload.fields[kind].filter(({ id, required }) => required && !(id in mapping)).map(({ id }) => id);

/** What of a mapping belongs to a kind of file. */
export function fitting(upload: Upload, kind: ImportKind, mapping: Mapping): Mapping {
  const known = new Set(upload.fields[kind].map(({ id }) => id));
  return Object.fromEntries(Object.entries(mapping).filter(([field]) => known.has(field)));
}
