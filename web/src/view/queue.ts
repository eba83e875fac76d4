// The queue of doubtful positions as the screen holds it: a list that people walk through.

import type { ReviewGroup, ReviewItem, ReviewSummary } from '../api/wire';

/** An item with what became of it here. */
export interface Entry {
  item: ReviewItem;
  /** `open`, or decided, which the server may still have to confirm. */
  state: 'open' | 'decided';
  skipped: boolean;
}

/** Entries with those of a page behind them; whoever is there already stays as it is. O(n). */
export function withPage(entries: readonly Entry[], items: readonly ReviewItem[]): Entry[] {
  const known = new Set(entries.map(({ item }) => item.key));
  const fresh = items.filter(({ key }) => !known.has(key));
  return [...entries, ...fresh.map((item): Entry => ({ item, state: 'open', skipped: false }))];
}

/** Entries with one changed. */
export const changed = (entries: readonly Entry[], key: string, change: Partial<Entry>): Entry[] =>
  entries.map((entry) => (entry.item.key === key ? { ...entry, ...change } : entry));

/** How many of a queue the server would leave out before those that are not loaded yet. */
export const offsetOf = (entries: readonly Entry[]): number => entries.filter(({ state }) => state === 'open').length;

/** The open entry after `key`, from the start again behind the end; null when none is open. */
export function nextOf(entries: readonly Entry[], key: string | null): string | null {
  const at = entries.findIndex(({ item }) => item.key === key);
  const around = [...entries.slice(at + 1), ...entries.slice(0, at + 1)];
  return around.find(({ state }) => state === 'open')?.item.key ?? null;
}

/** The entry before `key`, decided or not; itself at the start. */
export function previousOf(entries: readonly Entry[], key: string | null): string | null {
  const at = entries.findIndex(({ item }) => item.key === key);
  return entries[Math.max(0, at - 1)]?.item.key ?? null;
}

/** How many entries behind `key` are open. */
export const openAfter = (entries: readonly Entry[], key: string | null): number => {
  const at = entries.findIndex(({ item }) => item.key === key);
  return entries.slice(at + 1).filter(({ state }) => state === 'open').length;
};

/** Whether an item has no position. */
export const isUnplaced = (item: ReviewItem): boolean => item.position === null;

/** A summary with what was decided here since it was asked for. */
export function withDecided(summary: ReviewSummary, decided: readonly ReviewItem[]): ReviewSummary {
  const waiting = decided.filter(({ reason }) => reason !== null);
  const groups = summary.groups.map((group): ReviewGroup => {
    const mine = waiting.filter(({ reason }) => reason?.code === group.reason);
    return {
      ...group,
      accounts: Math.max(0, group.accounts - mine.length),
      unplaced: Math.max(0, group.unplaced - mine.filter(isUnplaced).length),
    };
  });
  return {
    open: Math.max(0, summary.open - waiting.length),
    decided: summary.decided + decided.filter((item) => item.decided === null).length,
    groups: groups.filter(({ accounts }) => accounts > 0),
  };
}

/** An address in one line, without what is empty. */
export const lineOf = (address: { street: string; postal_code: string; place: string }, country: string): string =>
  [address.street, [address.postal_code, address.place].filter(Boolean).join(' '), country].filter(Boolean).join(', ');
