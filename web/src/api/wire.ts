// The shapes of the HTTP API as they travel.

/** The word of a measure, of the product or of an own one. */
export type Measure = string;
/** What the numbers of a measure of the map are; of plain ones with the digits behind the point. */
export type MeasureUnit = 'money' | 'count' | 'quantity' | `share_${number}` | `number_${number}`;
/** What the numbers of any measure or figure of one are. */
export type Unit = 'money' | 'count' | 'quantity' | 'share' | 'number' | 'day' | 'class';
export type Precision = 'house' | 'street' | 'postal' | 'place' | 'region' | 'none';
export type ImportKind = 'accounts' | 'sales' | 'addresses' | 'regions' | 'rates';
/** What changed in one go: an imported file, decisions about positions, better positions. */
export type BatchKind = ImportKind | 'review' | 'relocation';
/** How a position was decided on. */
export type How = 'accepted' | 'picked' | 'placed' | 'corrected' | 'released' | 'relocated';
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
  /** The place of the first wrong sign of a formula, counted from 1. */
  position?: number;
}

export interface Model {
  currency: string | null;
  currencies: string[];
  /** Currencies that all money can be converted into. */
  conversions: string[];
  version: string;
  accounts: number;
  lines: number;
  first_day: string | null;
  last_day: string | null;
  precision: Partial<Record<Precision, number>>;
  measures: MeasureWord[];
  levels: string[];
  /** The hierarchies of own regions by the level that each fills, such as `own.1`. */
  hierarchies: { level: string; name: string; regions: number }[];
  credits: string[];
  /** The other geocoder that can be asked; null where none is set up. */
  provider: string | null;
  /** Who made the base map of streets; null where none is named. */
  streets: string | null;
}

export interface MeasureWord {
  id: string;
  unit: Unit;
  additive: boolean;
  /** Where it adds up: in every dimension, over customers and what they have one of, or nowhere. */
  additivity: 'everywhere' | 'over_accounts' | 'nowhere';
  available: boolean;
  /** Whether it looks at another time itself, so that nothing is compared with one. */
  compares: boolean;
  /** What an own measure is made of. */
  own?: OwnMeasure;
}

/** A formula under a name. */
export interface OwnMeasure {
  name: string;
  formula: string;
  label_de: string;
  label_en: string;
  format?: 'number' | 'percent';
  decimals?: number;
}

/** What a formula gives that is right. */
export interface CheckedMeasure {
  unit: Unit;
  preview: { year: string; value: number | null; currency: string | null } | null;
}

/** A shape on the map: a circle on the earth, or a polygon whose edges are straight in degrees. */
export type Shape = { circle: { center: Position; radius_m: number } } | { polygon: Position[] };

export type Filter =
  | { level: string; in: string[] }
  | { level: 'time.day'; from: string; to: string }
  /** The accounts that lie in a shape. */
  | { within: Shape };

/** A level, or one with members opened to what stands in their place. */
export type Axis = string | { level: string; expand: Record<string, Axis> };

export interface Question {
  measures: string[];
  rows: Axis[];
  columns?: Axis[];
  filters?: Filter[];
  compare?: string;
  currency?: string;
  subtotals?: boolean;
  sort?: { by: string; descending: boolean }[];
  limit?: number;
  offset?: number;
}

/** A question that tiles can be asked with. */
export interface KeptQuestion {
  id: string;
  /** Address of the TileJSON of its sites. */
  tiles: string;
}

/** A TileJSON; one of sites also tells of the question that they are asked with. */
export interface TileJson {
  /** Addresses of its tiles with places for `{z}`, `{x}` and `{y}`. */
  tiles: string[];
  total?: Record<string, number>;
  without_site?: Record<string, number>;
}

/** Where a member stands: its level, and the members that were opened to come there. */
export interface Origin {
  level: string | null;
  within: string[];
}

/** Rows with their headings, levels first; `origins` of opened levels only. */
export interface Table {
  columns: string[];
  rows: (string | number | null)[][];
  origins?: Origin[][];
}

export interface Answer extends Table {
  /** Tables without some of the levels. */
  subtotals?: Table[];
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

/** An address in parts; what is not known is empty. */
export interface Address {
  street: string;
  postal_code: string;
  place: string;
  state: string;
  country: string;
}

export interface Reason {
  code: string;
  /** English sentence with the figures of the case. */
  detail: string;
  /** What it says as values by name, countries as their codes; none where the address tells otherwise by now. */
  facts?: Record<string, string>;
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
  /** The own regions that contain it, one of a hierarchy at most. */
  own: RegionStep[];
  source: string;
  /** The truth lies within this many metres nine times of ten. */
  radius_m: number | null;
  confidence: number;
  reason: Reason | null;
  /** How the position was decided on, unless it is the one that the import found. */
  decided: How | null;
  decided_at: string | null;
  /** The address of the files, where a person put another one in its place. */
  file_address: Address | null;
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
  /** The own regions in which its customers are, by hierarchy: how many, and those with most customers. */
  own: { level: string; count: number; regions: RegionStep[] }[];
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
  /** Number of the coordinate system of addresses whose rows name none; WGS 84 when null. */
  epsg: number | null;
  /** The hierarchy that areas fill; the name of the file without its ending when null. */
  name: string | null;
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
  kind: BatchKind;
  /** Name of the file; of a review of one customer the customer's name, else empty. */
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

/** A position that may be meant. */
export interface Candidate {
  position: Position;
  precision: Precision;
  source: string;
  radius_m: number;
  confidence: number;
  /** What was found: `80331 München`. */
  matched: string;
  country: string;
  postal: string | null;
  is_suggestion: boolean;
}

/** What the other geocoder found, and whom to name as the origin of it. */
export interface Found {
  candidates: Candidate[];
  credit?: string;
}

/** Where an address is. */
export interface Located {
  position: Position | null;
  precision: Precision;
  source: string;
  reason: Reason | null;
  radius_m: number | null;
  confidence: number;
  matched: string;
  candidates: Candidate[];
}

export interface ReviewGroup {
  reason: string;
  accounts: number;
  unplaced: number;
}

/** What waits for a decision. */
export interface ReviewSummary {
  open: number;
  decided: number;
  groups: ReviewGroup[];
}

export interface ReviewItem {
  key: string;
  name: string;
  address: Address;
  file_address: Address | null;
  position: Position | null;
  precision: Precision;
  source: string;
  radius_m: number | null;
  confidence: number;
  reason: Reason | null;
  decided: How | null;
  candidates: Candidate[];
}

/** What a person decides about the position of a customer. */
export type Decision = { account: string } & (
  | { how: 'accept' | 'release' }
  | { how: 'pick'; position: Position }
  /** A candidate of the other geocoder. */
  | { how: 'pick'; position: Position; provider: true; radius_m: number }
  | { how: 'place'; position: Position; radius_m: number }
  | { how: 'correct'; address: Address }
);

export interface Decided {
  batch: number | null;
  accounts: number;
}

export interface Spot {
  position: Position | null;
  precision: Precision;
  radius_m: number | null;
  reason: string | null;
}

export interface Move {
  key: string;
  name: string;
  from: Spot;
  to: Spot;
  distance_m: number | null;
}

/** What locating all customers again would change. */
export interface Relocation {
  accounts: number;
  fixed: number;
  better: number;
  placed: number;
  settled: number;
  moves: Move[];
}

/** What lies around a position. */
export interface Surroundings {
  region: RegionStep[];
  place: { name: string; country: string; position: Position; distance_m: number } | null;
  house: { address: string; position: Position; distance_m: number } | null;
  h3: string;
}

/** A name for an address of the screen. */
export interface View {
  id: number;
  name: string;
  /** The query of the address, from its `?` on. */
  address: string;
  at: string;
}
