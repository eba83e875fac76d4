// The shapes of the HTTP API as they travel.

export type Measure = 'revenue' | 'margin' | 'units' | 'orders' | 'lines' | 'customers' | 'average_order';
export type MeasureUnit = 'money' | 'count' | 'quantity';
export type Precision = 'house' | 'street' | 'postal' | 'place' | 'region' | 'none';
export type ImportKind = 'accounts' | 'sales';
/** West, south, east, north in degrees. */
export type Box = [number, number, number, number];
/** Longitude, latitude in degrees. */
export type Position = [number, number];

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  word?: string;
  suggestions?: string[];
}

export interface Model {
  currency: string | null;
  currencies: string[];
  version: string;
  accounts: number;
  lines: number;
  first_day: string | null;
  last_day: string | null;
  precision: Partial<Record<Precision, number>>;
  measures: { id: Measure; unit: MeasureUnit; additive: boolean; available: boolean }[];
  levels: string[];
  credits: string[];
}

export type Filter = { level: string; in: string[] } | { level: 'time.day'; from: string; to: string };

export interface Question {
  measures: Measure[];
  rows: string[];
  columns?: string[];
  filters?: Filter[];
  sort?: { by: string; descending: boolean }[];
  limit?: number;
  offset?: number;
}

export interface Answer {
  columns: string[];
  rows: (string | number | null)[][];
  members: Record<string, Record<string, string>>;
  total: Partial<Record<Measure, number | null>>;
  row_count: number;
  currency: string | null;
  version: string;
}

export interface Line {
  order: string;
  line: string;
  day: string;
  account: string;
  account_name: string;
  product: string;
  category: string;
  rep: string;
  units: number;
  revenue: number;
  cost: number | null;
  currency: string;
}

export interface LinePage {
  total: number;
  version: string;
  lines: Line[];
}

export interface AccountRow {
  key: string;
  name: string;
  stage: string;
  street: string;
  postal_code: string;
  place: string;
  country: string;
  position: Position | null;
  precision: Precision;
}

export interface RegionStep {
  level: string;
  key: string;
  name: string;
}

export interface Account extends AccountRow {
  industry: string;
  phone: string;
  email: string;
  website: string;
  contact: string;
  state: string;
  region: RegionStep[];
  source: string;
  /** The truth lies within this many metres nine times of ten. */
  radius_m: number | null;
  confidence: number;
  reason: { code: string; detail: string } | null;
  h3: string | null;
  first_order: string | null;
  last_order: string | null;
  years: { year: string; revenue: number; orders: number }[];
}

export interface AccountPage {
  total: number;
  accounts: AccountRow[];
}

export interface Region extends RegionStep {
  name_de: string;
  kind: string;
  path: RegionStep[];
  bounds: Box | null;
  label: Position | null;
  population: number | null;
  area_km2: number | null;
  child_level: string | null;
}

export interface Hit {
  kind: 'account' | 'region' | 'place';
  key: string;
  level?: string;
  name: string;
  detail: string;
  position: Position | null;
  bounds: Box | null;
}

export interface Upload {
  upload: string;
  name: string;
  size_bytes: number;
  kind: ImportKind | null;
  format: string;
  columns: { heading: string; field: string | null; samples: string[] }[];
  fields: Record<ImportKind, { id: string; required: boolean }[]>;
  rows: string[][];
}

/** Field of the record to the heading of its column. */
export type Mapping = Record<string, string>;

export interface ImportOrder {
  upload: string;
  kind: ImportKind;
  mapping: Mapping | null;
  currency: string | null;
}

export interface Summary {
  batch: number | null;
  kind: ImportKind;
  file: string;
  rows: number;
  added: number;
  changed: number;
  unchanged: number;
  rejected: number;
  doubtful: number;
  unlocated: number;
  unknown_accounts: number;
  seconds: number;
}

export interface Import {
  id: string;
  state: 'queued' | 'reading' | 'storing' | 'refreshing' | 'done' | 'failed' | 'cancelled';
  progress: number;
  rows: number;
  summary: Summary | null;
  problem: Problem | null;
}

export interface Batch {
  id: number;
  kind: ImportKind;
  file: string;
  at: string;
  rows: number;
  added: number;
  changed: number;
  unchanged: number;
  rejected: number;
  doubtful: number;
}

export interface Remark {
  line: number;
  field: string;
  value: string;
  reason: string;
  detail: string;
  taken: boolean;
}

export interface RemarkPage {
  total: number;
  remarks: Remark[];
}
