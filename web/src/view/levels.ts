// Levels of the region dimension and how their keys lie inside each other.

export type Level = 'country' | 'state' | 'government_district' | 'district' | 'municipality' | 'postal';

export interface RegionRef {
  level: Level;
  key: string;
}

/** The key of what has no member at a level. */
export const UNASSIGNED = 'unassigned';

/** Every level, coarse to fine; postal codes stand beside the official units. */
export const LEVELS: readonly Level[] = [
  'country',
  'state',
  'government_district',
  'district',
  'municipality',
  'postal',
];

export const isLevel = (word: string): word is Level => (LEVELS as readonly string[]).includes(word);

/** `region.state` to `state`; null for a level of another dimension. */
export function levelOf(name: string | null): Level | null {
  const word = name?.startsWith('region.') ? name.slice('region.'.length) : '';
  return isLevel(word) ? word : null;
}

export const isFiner = (a: Level, b: Level): boolean => LEVELS.indexOf(a) > LEVELS.indexOf(b);

/** The country of a key: units of Germany bear plain numbers, all others their country in front. */
export function countryOf(level: Level, key: string): string {
  if (level === 'country') return key;
  const dash = key.indexOf('-');
  return dash > 0 ? key.slice(0, dash) : 'DE';
}

/** The finest official units of a country that has any: the United States end at the county. */
export const finestOf = (country: string): Level => (country === 'US' ? 'district' : 'municipality');

/** Whether nothing lies below a region. */
export const isFinest = ({ level, key }: RegionRef): boolean =>
  level === 'postal' || level === finestOf(countryOf(level, key));

/** The state in the key of a unit outside Germany, such as `CA` in `US-CA-037`; null in Germany. */
export const stateOf = (key: string): string | null => /^[A-Z]{2}-([A-Z]{2})-/.exec(key)?.[1] ?? null;

/**
 * Whether the unit `key` of `level` lies in `region`, told from the keys alone; null where
 * they do not say, as for a postal code in a state.
 */
export function isInside(region: RegionRef, level: Level, key: string): boolean | null {
  if (region.level === level) return region.key === key;
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
