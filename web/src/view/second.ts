// The second map: what it shows beside the first one, and how the address writes it.

import type { Measure, Model } from '../api/wire';
import { readPeriod, writePeriod, type Period } from './period';
import { scopeBefore, scopeOf, type Scope } from './question';
import type { Ask } from './screen';

/** Beside the first one, or over it as far as a divider is drawn. */
export const LAYOUTS = ['side', 'swipe'] as const;
export type Layout = (typeof LAYOUTS)[number];

export interface Second {
  layout: Layout;
  /** Null is the year before what the first one shows. */
  period: Period | null;
  /** Null is the measure of the first one. */
  measure: Measure | null;
}

/** What it shows of all that is asked; null where the figures do not reach back that far. */
export function secondScope(ask: Ask, { period }: Second, model: Model): Scope | null {
  return period ? scopeOf({ ...ask, period }, model) : scopeBefore(scopeOf(ask, model), model);
}

/** The parts of the address; none without a second map. */
export function writeSecond(second: Second | null): [string, string][] {
  if (!second) return [];
  const { layout, period, measure } = second;
  return [
    ['second', layout],
    ...(period ? [['second-time', writePeriod(period)] as [string, string]] : []),
    ...(measure ? [['second-measure', measure] as [string, string]] : []),
  ];
}

export function readSecond(query: URLSearchParams): Second | null {
  const layout = LAYOUTS.find((known) => known === query.get('second'));
  const measure = query.get('second-measure') ?? '';
  const time = query.get('second-time');
  if (!layout) return null;
  return {
    layout,
    period: time === null ? null : readPeriod(time),
    measure: /^[a-z][a-z0-9_]*$/.test(measure) ? measure : null,
  };
}
