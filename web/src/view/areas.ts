// Which areas of which level the map draws: one level, finer where a branch is opened.

import type { RegionCell } from './answer';
import {
  countryOf,
  finestOf,
  isFiner,
  isInside,
  isOwn,
  levelAtZoom,
  UNASSIGNED,
  type Level,
  type RegionRef,
} from './levels';
import type { Ask } from './screen';

export interface Opened {
  region: RegionRef;
  child: Level | null;
}

/** The areas of one level on the map: those inside `include` that are not inside `exclude`. */
export interface AreaGroup {
  level: Level;
  /** Null is everywhere. */
  include: RegionRef[] | null;
  exclude: RegionRef[];
}

/** What is known of the region drilled into; null at the world or while it loads. */
export interface Place {
  region: RegionRef;
  child: Level | null;
}

/** The zoom at which a country of the size of Germany fills the map. */
const COUNTRY_ZOOM = 5.6;

/** The level of the table: fixed, or the children of the region drilled into. */
export function tableLevel(ask: Ask, place: Place | null): Level {
  if (!ask.at) return ask.level === 'auto' ? 'country' : ask.level;
  if (isOwn(ask.at.level) && ask.level === ask.at.level) return place?.child ?? ask.level;
  if (ask.level !== 'auto' && !isFiner(ask.at.level, ask.level)) return inCountry(ask.at, ask.level);
  return place?.child ?? ask.at.level;
}

/** The level of the map: fixed, or by zoom, never coarser than the table. Without drawn areas it is the region itself. */
export function mapLevel(ask: Ask, place: Place | null, zoom: number): Level {
  const table = tableLevel(ask, place);
  if (ask.level !== 'auto') return table === 'postal' && !hasPostalAreas(ask.at) ? 'country' : table;
  if (ask.at && table === 'postal') return ask.at.level;
  if (isOwn(table)) return table;
  // The world compares countries until one of them fills the map.
  const zoomed = !ask.at && zoom < COUNTRY_ZOOM ? 'country' : levelAtZoom(zoom);
  const byZoom = ask.at ? inCountry(ask.at, zoomed) : zoomed;
  return isFiner(byZoom, table) ? byZoom : table;
}

/** `level`, or the finest one that the country of `at` has. */
function inCountry(at: RegionRef, level: Level): Level {
  if (isOwn(at.level)) return level;
  const finest = finestOf(countryOf(at.level, at.key));
  return level !== 'postal' && isFiner(level, finest) ? finest : level;
}

/** Postal areas are shipped for Germany only. */
export const hasPostalAreas = (at: RegionRef | null): boolean =>
  !at || isOwn(at.level) || countryOf(at.level, at.key) === 'DE';

/**
 * The groups that together cover the scope once: the base level, countries where the base level has
 * no units, and the children of opened branches that are finer.
 */
export function areaGroups(
  at: RegionRef | null,
  base: Level,
  opened: readonly Opened[],
  covered: readonly string[],
): AreaGroup[] {
  const finer = opened.flatMap(({ region, child }) =>
    child && child !== 'postal' && isFiner(child, base) ? [{ region, child }] : [],
  );
  const groups = new Map<Level, AreaGroup>([[base, { level: base, include: at ? [at] : null, exclude: [] }]]);
  if (!at && base !== 'country' && !isOwn(base)) {
    const exclude = covered.map((key) => ({ level: 'country' as const, key }));
    groups.set('country', { level: 'country', include: null, exclude });
  }
  for (const { region, child } of finer) {
    const group = groups.get(child) ?? { level: child, include: [], exclude: [] };
    group.include?.push(region);
    groups.set(child, group);
  }
  for (const group of groups.values()) {
    group.exclude.push(...finer.filter(({ child }) => isFiner(child, group.level)).map(({ region }) => region));
  }
  return [...groups.values()];
}

/** Countries that have units of their own at the level of these cells. */
export const coveredCountries = (cells: readonly RegionCell[]): string[] => [
  ...new Set(cells.filter((cell) => cell.key !== UNASSIGNED).map((cell) => countryOf(cell.level, cell.key))),
];

/** Whether a group draws a cell. Where keys do not tell, the answer did. */
export function draws(group: AreaGroup, cell: RegionRef): boolean {
  if (cell.level !== group.level || cell.key === UNASSIGNED) return false;
  const within = (region: RegionRef) => isInside(region, cell.level, cell.key);
  const included = group.include === null || group.include.some((region) => within(region) !== false);
  return included && !group.exclude.some((region) => within(region) === true);
}
