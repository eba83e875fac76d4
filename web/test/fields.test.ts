import { expect, test } from 'vitest';
import { fits, moved, place, remove } from '../src/pivot/fields';

const fields = { rows: ['a', 'b', 'c'], columns: ['x'], figures: ['revenue', 'margin'] };

test('a field is placed, moved along and taken from where it stood', () => {
  expect(place(fields, 'rows', 'a', 2).rows).toEqual(['b', 'a', 'c']);
  expect(place(fields, 'rows', 'c', 0).rows).toEqual(['c', 'a', 'b']);
  expect(place(fields, 'rows', 'x', 1)).toMatchObject({ rows: ['a', 'x', 'b', 'c'], columns: [] });
  expect(remove(fields, 'margin').figures).toEqual(['revenue']);
});

test('arrow keys move a field', () => {
  expect(moved(fields, 'rows', 'a', 'ArrowRight')?.fields.rows).toEqual(['b', 'a', 'c']);
  expect(moved(fields, 'rows', 'c', 'ArrowLeft')?.fields.rows).toEqual(['a', 'c', 'b']);
  expect(moved(fields, 'rows', 'c', 'ArrowRight')).toBeNull();
  expect(moved(fields, 'rows', 'b', 'ArrowDown')).toMatchObject({ zone: 'columns', fields: { columns: ['x', 'b'] } });
  expect(moved(fields, 'columns', 'x', 'ArrowUp')?.fields.rows).toEqual(['a', 'b', 'c', 'x']);
  expect(moved(fields, 'figures', 'margin', 'ArrowUp')).toBeNull();
});

test('levels and figures do not mix', () => {
  expect(fits('rows', 'columns')).toBe(true);
  expect(fits('rows', 'figures')).toBe(false);
});
