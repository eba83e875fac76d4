// Files that the server sends: their formats and their names.

import type { Axis, Question } from '../api/wire';

export const FORMATS = ['csv', 'xlsx', 'parquet'] as const;
/** Layers of a map. */
export const MAP_FORMATS = ['geojson', 'gpkg', 'kml', 'fgb', 'geoparquet'] as const;
export type MapFormat = (typeof MAP_FORMATS)[number];
export type FileFormat = (typeof FORMATS)[number] | MapFormat;

/** Whether each row of the answer is in one place: it is of one level, of regions or accounts. */
export function isOnMap({ rows, columns }: Pick<Question, 'rows' | 'columns'>): boolean {
  const [axis, ...others] = [...rows, ...(columns ?? [])];
  return axis !== undefined && others.length === 0 && hasPlace(axis);
}

function hasPlace(axis: Axis): boolean {
  if (typeof axis === 'string') return /^(region|own)\.|^account(\.account)?$/.test(axis);
  return hasPlace(axis.level) && Object.values(axis.expand).every(hasPlace);
}

/** The name in a `Content-Disposition`, without what could lead to another folder. */
export function fileName(disposition: string | null, fallback: string): string {
  const name = disposition?.match(/filename="([^"]*)"/)?.[1] ?? '';
  const plain = name.replace(/^.*[\\/]/, '').trim();
  return plain === '' || /^\.+$/.test(plain) ? fallback : plain;
}
