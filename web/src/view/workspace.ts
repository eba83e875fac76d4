// What the pivot and the charts are set to, and how the address writes it.

/** A member of a row or column level, opened to a finer level in its place. */
export interface Unfolded {
  /** Word of the level that the axis begins with. */
  axis: string;
  /** Keys of the opened members, outermost first. */
  path: string[];
  /** Word of the finer level. */
  level: string;
}

export const COMPARISONS = ['previous_year', 'previous_period'] as const;
export type Comparison = (typeof COMPARISONS)[number];

export interface PivotSort {
  /** Id of a column; empty for the names. */
  by: string;
  descending: boolean;
}

export interface Pivot {
  /** Words of levels; none means the level of the table. */
  rows: string[];
  columns: string[];
  /** Words of measures and their figures; none means the measure of the map. */
  figures: string[];
  compare: Comparison | null;
  unfolded: Unfolded[];
  /** Ids of groups that are closed. */
  folded: string[];
  /** Null is the order that fits the levels. */
  sort: PivotSort | null;
}

export const FORMS = ['overview', 'bar', 'pareto', 'scatter', 'treemap'] as const;
export type Form = (typeof FORMS)[number];

export interface Chart {
  form: Form;
  /** Word of the level whose members are drawn; null is the level of the table. */
  level: string | null;
  /** The second measure of the scatter. */
  other: string;
}

export interface Workspace {
  pivot: Pivot;
  chart: Chart;
  /** Whether the answer takes the greater part of the window. */
  wide: boolean;
}

export const PLAIN: Workspace = {
  pivot: { rows: [], columns: [], figures: [], compare: null, unfolded: [], folded: [], sort: null },
  chart: { form: 'overview', level: null, other: 'customers' },
  wide: false,
};

/** A path of keys as one word, whatever the keys hold. */
export const writePath = (keys: readonly string[]): string => keys.map(encodeURIComponent).join('/');

export const readPath = (text: string): string[] => (text === '' ? [] : text.split('/').map(decoded));

/** The parts of the address that differ from `PLAIN`. */
export function writeWorkspace({ pivot, chart, wide }: Workspace): [string, string][] {
  const query: [string, string][] = [];
  if (pivot.rows.length > 0) query.push(['rows', pivot.rows.join(',')]);
  if (pivot.columns.length > 0) query.push(['columns', pivot.columns.join(',')]);
  if (pivot.figures.length > 0) query.push(['figures', pivot.figures.join(',')]);
  if (pivot.compare) query.push(['compare', pivot.compare]);
  for (const { axis, path, level } of pivot.unfolded) query.push(['unfold', `${axis}:${level}:${writePath(path)}`]);
  for (const id of pivot.folded) query.push(['fold', id]);
  if (pivot.sort) query.push(['sort', (pivot.sort.descending ? '-' : '+') + pivot.sort.by]);
  if (chart.form !== PLAIN.chart.form) query.push(['chart', chart.form]);
  if (chart.level !== null) query.push(['by', chart.level]);
  if (chart.other !== PLAIN.chart.other) query.push(['against', chart.other]);
  if (wide) query.push(['wide', 'yes']);
  return query;
}

/** The workspace of a query; words that make no sense are left out. */
export function readWorkspace(query: URLSearchParams): Workspace {
  const words = (name: string, form: RegExp) => [
    ...new Set((query.get(name) ?? '').split(',').filter((word) => form.test(word))),
  ];
  const rows = words('rows', LEVEL);
  const sort = query.get('sort');
  const by = query.get('by');
  const other = query.get('against') ?? '';
  return {
    pivot: {
      rows,
      columns: words('columns', LEVEL).filter((level) => !rows.includes(level)),
      figures: words('figures', FIGURE),
      compare: COMPARISONS.find((known) => known === query.get('compare')) ?? null,
      unfolded: query.getAll('unfold').flatMap(readUnfolded),
      folded: query.getAll('fold'),
      sort: sort ? { by: sort.slice(1), descending: sort.startsWith('-') } : null,
    },
    chart: {
      form: FORMS.find((known) => known === query.get('chart')) ?? PLAIN.chart.form,
      level: by && LEVEL.test(by) ? by : null,
      other: FIGURE.test(other) ? other : PLAIN.chart.other,
    },
    wide: query.get('wide') === 'yes',
  };
}

const LEVEL = /^[a-z]+\.\w+$/;
const FIGURE = /^[a-z]\w*(\.[a-z]\w*)?$/;

function readUnfolded(text: string): Unfolded[] {
  const [axis = '', level = '', ...rest] = text.split(':');
  const path = readPath(rest.join(':'));
  return LEVEL.test(axis) && LEVEL.test(level) && path.length > 0 ? [{ axis, path, level }] : [];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
