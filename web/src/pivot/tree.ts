// Answers of the cube as the tree of a pivot's rows and the list of its columns.

import type { Answer, Table } from '../api/wire';
import { UNASSIGNED } from '../view/levels';
import { writePath, type PivotSort } from '../view/workspace';
import { finerOf } from './finer';

export type Value = string | number | null;

export interface Node {
  /** Its members from the first row level on, those of opened ones too, as a path. */
  id: string;
  /** For each row level the keys from the member of the level down to this one. */
  chains: string[][];
  level: string;
  key: string;
  name: string;
  children: Node[];
  /** Columns by id, each with the figures in the order of the question. */
  values: Map<string, Value[]>;
}

/** Members of the column levels; none for the total over them. */
export interface Column {
  id: string;
  keys: string[];
  names: string[];
}

export interface Grid {
  rows: Node[];
  columns: Column[];
  total: Map<string, Value[]>;
}

/** The id of the column over all members. */
export const ALL = '';

/** A member's name in the reader's language. */
export type Naming = (level: string, key: string, name: string) => string;

/** The grid of the answers to the questions of a layout, with the figures of `words`. O(cells). */
export function gridOf(
  answers: readonly Answer[],
  rows: readonly string[],
  columns: readonly string[],
  words: readonly string[],
  naming: Naming,
): Grid {
  const nodes = new Map<string, Node>();
  const heads = new Map<string, Column>();
  const root: Node = blank('', [], '', '', '');
  for (const answer of answers) {
    const total = answer.total as Record<string, Value>;
    root.values.set(
      ALL,
      words.map((word) => total[word] ?? null),
    );
    const figures = answer.columns.length - rows.length - columns.length;
    for (const table of [answer, ...(answer.subtotals ?? [])]) {
      const levels = table.columns.slice(0, table.columns.length - figures);
      const held = rows.filter((level) => levels.includes(level));
      const isPrefix = held.every((level, index) => rows[index] === level);
      const across = levels.length - held.length;
      if (!isPrefix || (across !== 0 && across !== columns.length)) continue;
      addTable(table, { levels, held, words, answer, nodes, heads, root, columns, naming });
    }
  }
  for (const node of nodes.values()) (nodes.get(parentId(node)) ?? root).children.push(node);
  for (const node of [root, ...nodes.values()]) tellApart(node.children);
  return { rows: root.children, columns: [...heads.values()], total: root.values };
}

interface Filling {
  levels: string[];
  held: string[];
  words: readonly string[];
  answer: Answer;
  nodes: Map<string, Node>;
  heads: Map<string, Column>;
  root: Node;
  columns: readonly string[];
  naming: Naming;
}

function addTable(table: Table, { levels, held, words, answer, nodes, heads, root, columns, naming }: Filling): void {
  const places = held.map((level) => levels.indexOf(level));
  const across = columns.map((level) => levels.indexOf(level)).filter((place) => place >= 0);
  const cells = words.map((word) => table.columns.indexOf(word));
  const nameOf = (level: string, key: string) => naming(level, key, answer.members[level]?.[key] ?? key);
  table.rows.forEach((row, index) => {
    const origins = table.origins?.[index];
    const chains = places.map((place) => [...(origins?.[place]?.within ?? []), String(row[place])]);
    const id = idOf(chains);
    let node = chains.length === 0 ? root : nodes.get(id);
    if (!node) {
      const place = places.at(-1) ?? 0;
      const level = origins?.[place]?.level ?? levels[place] ?? '';
      const key = String(row[place]);
      node = blank(id, chains, level, key, nameOf(level, key));
      nodes.set(id, node);
    }
    const keys = across.map((place) => String(row[place]));
    const column = writePath(keys);
    if (keys.length > 0 && !heads.has(column)) {
      const names = keys.map((key, at) => nameOf(columns[at] ?? '', key));
      heads.set(column, { id: column, keys, names });
    }
    node.values.set(
      column,
      cells.map((cell) => row[cell] ?? null),
    );
  });
}

export interface Line {
  node: Node;
  depth: number;
  /** Index of the line it lies under; -1 at the top. */
  parent: number;
  openable: boolean;
  open: boolean;
  /** Place among its siblings, from 1, and how many they are. */
  place: number;
  siblings: number;
}

export interface Order {
  sort: PivotSort | null;
  figures: readonly string[];
  locale: string;
  /** How many row levels there are. */
  depth: number;
  isOpen: (node: Node) => boolean;
}

/** The rows from top to bottom, closed groups without what they hold; `unassigned` last. O(n log n). */
export function linesOf(grid: Grid, order: Order): Line[] {
  const lines: Line[] = [];
  const compare = comparison(order);
  const add = (nodes: readonly Node[], depth: number, parent: number) => {
    [...nodes].sort(compare).forEach((node, index) => {
      const openable = node.key !== UNASSIGNED && (isGroup(node, order.depth) || finerOf(node.level) !== null);
      const open = openable && order.isOpen(node);
      lines.push({ node, depth, parent, openable, open, place: index + 1, siblings: nodes.length });
      if (open) add(node.children, depth + 1, lines.length - 1);
    });
  };
  add(grid.rows, 0, -1);
  return lines;
}

/** Whether a row holds those of the next row level, rather than of an opened member. */
export const isGroup = (node: Node, depth: number): boolean => node.chains.length < depth;

export const isTime = (level: string): boolean => level.startsWith('time.');

/** Columns in the order of time, or else of their names; `unassigned` last. */
export function orderColumns(columns: readonly Column[], levels: readonly string[], locale: string): Column[] {
  const collator = new Intl.Collator(locale, { numeric: true });
  return [...columns].sort((a, b) => {
    for (const [index, level] of levels.entries()) {
      const [left = '', right = ''] = [a.keys[index], b.keys[index]];
      if (left === right) continue;
      const outside = Number(left === UNASSIGNED) - Number(right === UNASSIGNED);
      if (outside !== 0) return outside;
      return isTime(level)
        ? left < right
          ? -1
          : 1
        : collator.compare(a.names[index] ?? left, b.names[index] ?? right);
    }
    return 0;
  });
}

/** The greatest absolute value of a figure among the rows at the top of a column, for the bars. */
export function greatestOf(rows: readonly Node[], column: string, figure: number): number {
  return rows.reduce((most, { key, values }) => {
    const value = key === UNASSIGNED ? null : values.get(column)?.[figure];
    return typeof value === 'number' ? Math.max(most, Math.abs(value)) : most;
  }, 0);
}

/** The id of a column of values: its members and the word of its figure. */
export const sortId = (column: string, word: string): string => (column === ALL ? word : `${column}|${word}`);

function comparison({ sort, figures, locale }: Order): (a: Node, b: Node) => number {
  const collator = new Intl.Collator(locale, { numeric: true });
  const named = (a: Node, b: Node) =>
    isTime(a.level) && isTime(b.level) ? (a.key < b.key ? -1 : 1) : collator.compare(a.name, b.name);
  const by = sort?.by ?? figures[0] ?? '';
  const bar = by.lastIndexOf('|');
  const [column, figure] = [bar < 0 ? ALL : by.slice(0, bar), figures.indexOf(by.slice(bar + 1))];
  const direction = (sort?.descending ?? true) ? -1 : 1;
  return (a, b) => {
    const outside = Number(a.key === UNASSIGNED) - Number(b.key === UNASSIGNED);
    if (outside !== 0) return outside;
    if (figure < 0) return (sort?.descending ? -1 : 1) * named(a, b);
    // Time reads from early to late unless a column was asked for.
    if (!sort && isTime(a.level)) return named(a, b);
    const [left, right] = [a.values.get(column)?.[figure] ?? null, b.values.get(column)?.[figure] ?? null];
    if (left === null || right === null) return Number(left === null) - Number(right === null) || named(a, b);
    if (left === right) return named(a, b);
    return direction * (left < right ? -1 : 1);
  };
}

const idOf = (chains: readonly string[][]): string => chains.map(writePath).join('|');

function parentId({ chains }: Node): string {
  const [last, rest] = [chains.at(-1) ?? [], chains.slice(0, -1)];
  return idOf(last.length > 1 ? [...rest, last.slice(0, -1)] : rest);
}

/** Puts the key behind names that siblings share, as of a town and the district around it. */
function tellApart(siblings: readonly Node[]): void {
  const counts = new Map<string, number>();
  for (const { name } of siblings) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const node of siblings) if ((counts.get(node.name) ?? 0) > 1) node.name += ` (${node.key})`;
}

const blank = (id: string, chains: string[][], level: string, key: string, name: string): Node => ({
  id,
  chains,
  level,
  key,
  name,
  children: [],
  values: new Map(),
});
