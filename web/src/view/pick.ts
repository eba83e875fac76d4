// Members chosen in one view, which filter all the others.

/** The views that choose; the map chooses the own region that was left for an official one inside it. */
export const VIEWS = ['pivot', 'chart', 'map'] as const;
export type View = (typeof VIEWS)[number];

/** Members of a level that a view chose; the view itself still shows the rest. */
export interface Pick {
  view: View;
  /** Word of the level, such as `product.category`. */
  level: string;
  keys: string[];
}

/** With the choices of `view` replaced by `next`; the same again takes them back. */
export function choose(picks: readonly Pick[], view: View, next: Omit<Pick, 'view'>[]): Pick[] {
  const others = picks.filter((pick) => pick.view !== view);
  const made = next.map((pick) => ({ ...pick, view }));
  const before = picks.filter((pick) => pick.view === view);
  return JSON.stringify(before.map(essence)) === JSON.stringify(made.map(essence)) ? others : [...others, ...made];
}

/** With one member of a level more or less among the choices of `view`. */
export function toggle(picks: readonly Pick[], view: View, level: string, key: string): Pick[] {
  const before = picks.find((pick) => pick.view === view && pick.level === level)?.keys ?? [];
  const keys = before.includes(key) ? before.filter((other) => other !== key) : [...before, key];
  const others = picks.filter((pick) => pick.view !== view);
  return keys.length > 0 ? [...others, { view, level, keys }] : others;
}

/** Without one choice. */
export const without = (picks: readonly Pick[], gone: Pick): Pick[] => picks.filter((pick) => pick !== gone);

/** The choices that filter a view: those of all others. */
export const picksFor = (picks: readonly Pick[], view: View | null): Pick[] =>
  picks.filter((pick) => pick.view !== view);

/** `chart:product.category:Pumpen`, one for each member. */
export const writePicks = (picks: readonly Pick[]): string[] =>
  picks.flatMap(({ view, level, keys }) => keys.map((key) => `${view}:${level}:${key}`));

export function readPicks(texts: readonly string[]): Pick[] {
  const picks: Pick[] = [];
  for (const text of texts) {
    const [word = '', level = '', ...rest] = text.split(':');
    const [view, key] = [VIEWS.find((known) => known === word), rest.join(':')];
    if (!view || !/^[a-z]+\.\w+$/.test(level) || !key) continue;
    const same = picks.find((pick) => pick.view === view && pick.level === level);
    if (same) same.keys.push(key);
    else picks.push({ view, level, keys: [key] });
  }
  return picks;
}

const essence = ({ level, keys }: Omit<Pick, 'view'>) => [level, ...keys];
