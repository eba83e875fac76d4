// The state of the screen: one value that the address bar holds and restores.

import type { Measure, Precision, Shape } from '../api/wire';
import { cubeLevel, isFinest, isOwn, type Level, type RegionRef } from './levels';
import { lookAfresh, PLAIN_LOOK, type Look } from './look';
import type { Period } from './period';
import type { Pick } from './pick';
import type { Second } from './second';
import { PLAIN, type Chart, type Pivot, type Workspace } from './workspace';

export const TABS = ['table', 'pivot', 'chart', 'customers', 'lines'] as const;
export type Tab = (typeof TABS)[number];

/** How exact a position may be, best first. */
export const PLACED: readonly Precision[] = ['house', 'street', 'postal', 'place', 'region'];

export const MEASURES: readonly Measure[] = [
  'revenue',
  'margin',
  'units',
  'orders',
  'lines',
  'customers',
  'average_order',
];

/** What is asked of the cube. */
export interface Ask {
  measure: Measure;
  level: Level | 'auto';
  /** The region drilled into; null is the world. */
  at: RegionRef | null;
  period: Period;
  /** Chosen categories; none means all. */
  categories: string[];
  /** Chosen among several currencies; null is that of the model. */
  currency: string | null;
  /** Regions whose children are opened in the table. */
  opened: RegionRef[];
  /** Members chosen in the pivot and the charts. */
  picks: Pick[];
  /** What is drawn on the map: only customers in it count. */
  shape: Shape | null;
}

export interface Camera {
  lon: number;
  lat: number;
  zoom: number;
}

/** How the streets of the user's own base map are drawn. */
export const STREET_CHOICES = ['grey', 'colour', 'off'] as const;
export type StreetChoice = (typeof STREET_CHOICES)[number];

/** What is switched on the map. */
export interface Shown {
  area: boolean;
  sites: boolean;
  labels: boolean;
}

interface Common {
  ask: Ask;
  tab: Tab;
  shown: Shown;
  streets: StreetChoice;
  /** Customers on the map are only those exact to one of these; none means all. */
  precisions: Precision[];
  /** Customers on the map are only those with sales in the days and filters. */
  onlyMeant: boolean;
  /** Where the map was moved by hand; null fits the region. */
  camera: Camera | null;
  /** How the figures of regions are drawn. */
  look: Look;
  /** What another map shows beside this one; null without one. */
  second: Second | null;
  workspace: Workspace;
}

export type Screen = Common &
  (
    | { kind: 'explore' }
    | { kind: 'account'; account: string }
    | { kind: 'imports'; batch: number | null }
    /** The queue of doubtful positions, of one reason or all, at one customer. */
    | { kind: 'review'; reason: string | null; account: string | null }
    /** What locating again would improve. */
    | { kind: 'relocation' }
  );

export const START: Screen = {
  kind: 'explore',
  ask: {
    measure: 'revenue',
    level: 'auto',
    at: null,
    period: { kind: 'recent' },
    categories: [],
    currency: null,
    opened: [],
    picks: [],
    shape: null,
  },
  tab: 'table',
  shown: { area: true, sites: true, labels: true },
  streets: 'grey',
  precisions: [],
  onlyMeant: false,
  camera: null,
  look: PLAIN_LOOK,
  second: null,
  workspace: PLAIN,
};

/** What stays when the screen shows something else: all but what its kind alone has. */
function common(screen: Screen): Common {
  const { kind, batch, reason, account, ...rest } = { ...NOTHING, ...screen };
  return rest;
}

/** What some kinds of screen have, on one that has none of it. */
const NOTHING = { batch: null, reason: null, account: null };

export const withAsk = (screen: Screen, change: Partial<Ask>): Screen => ({
  ...screen,
  ask: { ...screen.ask, ...change },
  // Bounds of one measure say nothing of another.
  look: (change.measure ?? screen.ask.measure) === screen.ask.measure ? screen.look : lookAfresh(screen.look),
});

export const withLook = (screen: Screen, change: Partial<Look>): Screen => ({
  ...screen,
  look: { ...screen.look, ...change },
});

export const withTab = (screen: Screen, tab: Tab): Screen => ({ ...common(screen), kind: 'explore', tab });

export const withPivot = (screen: Screen, change: Partial<Pivot>): Screen =>
  withWorkspace(screen, { pivot: { ...screen.workspace.pivot, ...change } });

export const withChart = (screen: Screen, change: Partial<Chart>): Screen =>
  withWorkspace(screen, { chart: { ...screen.workspace.chart, ...change } });

export const withWorkspace = (screen: Screen, change: Partial<Workspace>): Screen => ({
  ...screen,
  workspace: { ...screen.workspace, ...change },
});

/** With another map of `change` beside it, or none; what is not said stays. */
export const withSecond = (screen: Screen, change: Partial<Second> | null): Screen => ({
  ...screen,
  second: change && { layout: 'side', period: null, measure: null, ...screen.second, ...change },
});

export const withCamera = (screen: Screen, camera: Camera | null): Screen => ({ ...screen, camera });

export const withShown = (screen: Screen, change: Partial<Shown>): Screen => ({
  ...screen,
  shown: { ...screen.shown, ...change },
});

export const withOnlyMeant = (screen: Screen, onlyMeant: boolean): Screen => ({ ...screen, onlyMeant });

export const exploring = (screen: Screen): Screen => ({ ...common(screen), kind: 'explore' });

export const showingAccount = (screen: Screen, account: string): Screen => ({
  ...common(screen),
  kind: 'account',
  account,
});

export const showingImports = (screen: Screen, batch: number | null): Screen => ({
  ...common(screen),
  kind: 'imports',
  batch,
});

export const showingReview = (screen: Screen, reason: string | null, account: string | null = null): Screen => ({
  ...common(screen),
  kind: 'review',
  reason,
  account,
});

export const showingRelocation = (screen: Screen): Screen => ({ ...common(screen), kind: 'relocation' });

/** With one precision more or less; all of `PLACED` is the same as none chosen. */
export function withPrecision(screen: Screen, precision: Precision): Screen {
  const before = screen.precisions.length > 0 ? screen.precisions : PLACED;
  const chosen = PLACED.filter((one) => before.includes(one) !== (one === precision));
  return { ...screen, precisions: chosen.length === PLACED.length ? [] : chosen };
}

/** Starts at a region and leaves everything else as the address says. */
export const startingAt = (screen: Screen, at: RegionRef | null): Screen => withAsk(screen, { at });

/**
 * Goes to an official region that is seen inside an own one, which stays as a filter: the two lie
 * across each other, and what was clicked showed the figures of both.
 */
export function entering(screen: Screen, at: RegionRef): Screen {
  const from = screen.ask.at;
  const next = goingTo(screen, at);
  if (!from || !isOwn(from.level) || isOwn(at.level)) return next;
  const within: Pick = { view: 'map', level: cubeLevel(from.level), keys: [from.key] };
  return withAsk(next, { picks: [...next.ask.picks.filter((pick) => !isSameChoice(pick, within)), within] });
}

const isSameChoice = (a: Pick, b: Pick) => a.view === b.view && a.level === b.level;

/** The choices that stay at `at`: those that came from the map end at the world and at another region of their kind. */
const picksAt = (picks: readonly Pick[], at: RegionRef | null): Pick[] =>
  picks.filter(({ view, level }) => view !== 'map' || (at !== null && level !== cubeLevel(at.level)));

/** Goes to a region: its branch list is closed, the map fits it, an account is left. */
export const goingTo = (screen: Screen, at: RegionRef | null): Screen => ({
  ...withAsk(exploring(screen), { at, opened: [], picks: picksAt(screen.ask.picks, at) }),
  camera: null,
  look: { ...screen.look, only: [] },
  tab: at && isFinest(at) && screen.tab !== 'lines' && screen.tab !== 'pivot' ? 'customers' : screen.tab,
});
