// Questions to the cube, made from what the screen asks.

import type { Axis, Filter, Measure, Model, Question, Shape } from '../api/wire';
import { cubeLevel, isInside, type Level, type RegionRef } from './levels';
import { daysOf, isCovered, yearBefore, type Days } from './period';
import { picksFor, type Pick, type View } from './pick';
import type { Ask } from './screen';

/** The filters of a question, apart so that each view leaves out what it shows itself. */
export interface Scope {
  region: RegionRef | null;
  /** An own region that an opened branch is looked at within. */
  within?: RegionRef | null;
  days: Days | null;
  categories: string[];
  /** Only lines in this currency; null for all of them. */
  currency: string | null;
  /** The currency that all money is converted into; null for money as it is. */
  money: string | null;
  picks: Pick[];
  /** What is drawn on the map: only accounts in it. */
  shape?: Shape | null;
}

export const extentOf = (model: Model): Days | null =>
  model.first_day && model.last_day ? { from: model.first_day, to: model.last_day } : null;

/** What a view is asked for: everything chosen but its own choice of members. */
export function scopeOf(ask: Ask, model: Model, view: View | null = null): Scope {
  const chosen = model.currencies.length > 1 ? (ask.currency ?? model.currency ?? model.currencies[0] ?? null) : null;
  const converts = chosen !== null && model.conversions.includes(chosen);
  return {
    region: ask.at,
    days: daysOf(ask.period, extentOf(model)),
    categories: ask.categories,
    currency: converts ? null : chosen,
    money: converts ? chosen : null,
    picks: picksFor(ask.picks, view),
    shape: ask.shape,
  };
}

/** The scope one year earlier; null where the figures do not reach back that far. */
export function scopeBefore(scope: Scope, model: Model): Scope | null {
  const extent = extentOf(model);
  // Chosen steps of time name no stretch that could be moved.
  if (!scope.days || !extent || scope.picks.some(({ level }) => level.startsWith('time.'))) return null;
  const days = yearBefore(scope.days);
  return isCovered(days, extent) ? { ...scope, days } : null;
}

/** A scope without what is chosen among the members of `level`, for a list of all of them. */
export const withoutLevel = (scope: Scope, level: string): Scope => ({
  ...scope,
  categories: level === 'product.category' ? [] : scope.categories,
  picks: scope.picks.filter((pick) => pick.level !== level),
});

export function filtersOf(scope: Scope): Filter[] {
  const filters: Filter[] = [];
  for (const region of [scope.region, scope.within])
    if (region) filters.push({ level: cubeLevel(region.level), in: [region.key] });
  if (scope.days) filters.push({ level: 'time.day', ...scope.days });
  if (scope.categories.length > 0) filters.push({ level: 'product.category', in: scope.categories });
  for (const { level, keys } of scope.picks) filters.push({ level, in: keys });
  if (scope.shape) filters.push({ within: scope.shape });
  if (scope.currency) filters.push({ level: 'sale.currency', in: [scope.currency] });
  return filters;
}

/** What a scope makes of a question: its filters, and the currency that its money is wanted in. */
export const asked = (scope: Scope): Partial<Question> => ({
  filters: filtersOf(scope),
  ...(scope.money ? { currency: scope.money } : {}),
});

/** The chosen measure with those of the key figures and more, each once, none that the model lacks. */
export function measuresOf(chosen: Measure, model: Model, more: readonly Measure[] = []): Measure[] {
  const known = new Set(model.measures.filter((measure) => measure.available).map((measure) => measure.id));
  const wanted: Measure[] = [chosen, 'revenue', 'margin', 'customers', 'average_order', 'orders', ...more];
  return [...new Set(wanted)].filter((measure) => known.has(measure) || measure === chosen);
}

export const byRegion = (level: Level, measures: Measure[], scope: Scope): Question => ({
  measures,
  rows: [cubeLevel(level)],
  ...asked(scope),
});

/** A branch that is opened in the table: the region, and the level that stands in its place. */
interface OpenBranch {
  region: RegionRef;
  child: Level | null;
}

/** The level of the table with opened branches in the place of their regions. */
export function openedAxis(level: Level, branches: readonly OpenBranch[], inside: RegionRef | null = null): Axis {
  const here = branches.filter(
    ({ region, child }) =>
      child && region.level === level && (!inside || isInside(inside, region.level, region.key) === true),
  );
  if (here.length === 0) return cubeLevel(level);
  const expand = here.map(({ region, child }): [string, Axis] => [
    region.key,
    child ? openedAxis(child, branches, region) : cubeLevel(level),
  ]);
  return { level: cubeLevel(level), expand: Object.fromEntries(expand) };
}

/** The word of a measure's change. */
export const changeOf = (measure: Measure): string => `${measure}.change_percent`;

/** What the table shows as a flat table: a measure by region with the year before, customers and share, where they are. */
export function tableQuestion(
  level: Level,
  measure: Measure,
  branches: readonly OpenBranch[],
  { model, scope }: { model: Model; scope: Scope },
): Question {
  const isAdditive = model.measures.find(({ id }) => id === measure)?.additive ?? false;
  const hasBefore = scopeBefore(scope, model) !== null;
  return {
    measures: [
      measure,
      ...(hasBefore ? [`${measure}.previous_year`, changeOf(measure)] : []),
      ...(measure === 'customers' ? [] : ['customers']),
      ...(isAdditive ? [`${measure}.share_of_total`] : []),
    ],
    rows: [openedAxis(level, branches)],
    ...asked(scope),
  };
}

export const byMonth = (measures: Measure[], scope: Scope): Question => ({
  measures,
  rows: ['time.month'],
  ...asked({ ...scope, days: null }),
});

/** Members of a level, the greatest by `measure` first. */
export const ranked = (level: string, measure: Measure, measures: Measure[], scope: Scope): Question => ({
  measures,
  rows: [level],
  ...asked(scope),
  sort: [{ by: measure, descending: true }],
});

/** The filters of a question but those of time. */
export const withoutTime = ({ filters = [] }: Question): Filter[] =>
  filters.filter((filter) => !('level' in filter && filter.level.startsWith('time.')));
