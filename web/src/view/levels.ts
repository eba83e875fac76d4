// Levels of the region dimension and of own regions, and how their keys lie inside each other.

export type OfficialLevel = 'country' | 'state' | 'government_district' | 'district' | 'municipality' | 'postal';
/** The level of a hierarchy of own regions, by the word of its tiles. */
export type OwnLevel = 'own-1' | 'own-2' | 'own-3' | 'own-4';
export type Level = OfficialLevel | OwnLevel;

export interface RegionRef {
  level: Level;
  key: string;
}

/** The key of what has no member at a level. */
export const UNASSIGNED = 'unassigned';

/** Every official level, coarse to fine; postal codes stand beside the official units. */
export const LEVELS: readonly OfficialLevel[] = [
  'country',
  'state',
  'government_district',
  'district',
  'municipality',
  'postal',
];

/** The levels of own regions, which lie across the official ones. */
export const OWN_LEVELS: readonly OwnLevel[] = ['own-1', 'own-2', 'own-3', 'own-4'];

export const ALL_LEVELS: readonly Level[] = [...LEVELS, ...OWN_LEVELS];

export const isOwn = (level: Level): level is OwnLevel => (OWN_LEVELS as readonly Level[]).includes(level);

export const isLevel = (word: string): word is Level => (ALL_LEVELS as readonly string[]).includes(word);

/** `region.state` to `state`, `own.1` to `own-1`; null for a level of another dimension. */
export function levelOf(name: string | null): Level | null {
  const word = name?.replace(/^region\.(?!own)/, '').replace(/^own\./, 'own-') ?? '';
  return name?.includes('.') && isLevel(word) ? word : null;
}

/** The word of a level in questions: `region.state`, `own.1`. */
export const cubeLevel = (level: Level): string => (isOwn(level) ? level.replace('-', '.') : `region.${level}`);

/** Whether `a` is below `b`; own regions are neither above nor below others. */
export const isFiner = (a: Level, b: Level): boolean => !isOwn(a) && !isOwn(b) && LEVELS.indexOf(a) > LEVELS.indexOf(b);

/** The country of a key: units of Germany bear plain numbers, all others their country in front. */
export function countryOf(level: Level, key: string): string {
  if (level === 'country') return key;
  const dash = key.indexOf('-');
  return dash > 0 ? key.slice(0, dash) : 'DE';
}

/** The finest official units of a country that has any: the United States end at the county. */
export const finestOf = (country: string): Level => (country === 'US' ? 'district' : 'municipality');

/** Whether nothing lies below a region, as far as the key tells. */
export const isFinest = ({ level, key }: RegionRef): boolean =>
  level === 'postal' || isOwn(level) || level === finestOf(countryOf(level, key));

/** The state in the key of a unit outside Germany, such as `CA` in `US-CA-037`; null in Germany. */
export const stateOf = (key: string): string | null => /^[A-Z]{2}-([A-Z]{2})-/.exec(key)?.[1] ?? null;

/** Whether keys of `level` say in which region of the level `outer` they lie. */
export function keysTell(outer: Level, level: Level): boolean {
  if (outer === level) return true;
  return !isOwn(outer) && !isOwn(level) && (level !== 'postal' || outer === 'country');
}

/**
 * Whether the unit `key` of `level` lies in `region`, told from the keys alone; null where
 * they do not say, as for a postal code in a state or anything in an own region.
 */
export function isInside(region: RegionRef, level: Level, key: string): boolean | null {
  if (region.level === level) return region.key === key;
  if (isOwn(level) || isOwn(region.level)) return key === UNASSIGNED ? false : null;
  if (!isFiner(level, region.level) || key === UNASSIGNED) return false;
  if (region.level === 'country') return countryOf(level, key) === region.key;
  return level === 'postal' ? null : key.startsWith(region.key);
}

/** The level whose areas are readable at a zoom. */
export function levelAtZoom(zoom: number): Level {
  if (zoom < 3.6) return 'country';
  if (zoom < 4.6) return 'state';
  return zoom < 8 ? 'district' : 'municipality';
}

export const sameRegion = (a: RegionRef | null, b: RegionRef | null): boolean =>
  a?.level === b?.level && a?.key === b?.key;
