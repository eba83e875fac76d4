// Files that the server sends: their formats and their names.

export const FORMATS = ['csv', 'xlsx', 'parquet'] as const;
export type FileFormat = (typeof FORMATS)[number];

/** The name in a `Content-Disposition`, without what could lead to another folder. */
export function fileName(disposition: string | null, fallback: string): string {
  const name = disposition?.match(/filename="([^"]*)"/)?.[1] ?? '';
  const plain = name.replace(/^.*[\\/]/, '').trim();
  return plain === '' || /^\.+$/.test(plain) ? fallback : plain;
}
