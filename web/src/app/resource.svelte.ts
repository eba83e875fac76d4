// Values that load: the old one stays, marked stale, until the new one is there.

import { untrack } from 'svelte';
import { ApiError } from '../api/client';
import type { Problem } from '../api/wire';

/** What to load; two loads with the same id give the same value. */
export interface Load<T> {
  id: string;
  load: (signal: AbortSignal) => Promise<T>;
}

let pending = $state(0);
/** The same apart from what is drawn: who cleans up after an effect is told the state of before. */
let waiting = 0;

/** Counts loads that begin or end. */
function count(change: number): void {
  waiting += change;
  pending = waiting;
}

/** Whether nothing is being loaded. */
export const isQuiet = (): boolean => pending === 0;

/** Counts work that is not a resource, such as an import, as loading. */
export async function busy<T>(work: Promise<T>): Promise<T> {
  count(1);
  try {
    return await work;
  } finally {
    count(-1);
  }
}

export class Resource<T> {
  value = $state.raw<T | null>(null);
  problem = $state.raw<Problem | null>(null);
  loading = $state(false);
  /** The id of the load that `value` came from; null before the first. */
  loaded = $state.raw<string | null>(null);
  #wanted: string | null = null;
  #controller: AbortController | null = null;
  #last: Load<T> | null = null;

  request(next: Load<T> | null): void {
    if (next?.id === this.#wanted && next) return;
    this.#controller?.abort();
    this.#wanted = next?.id ?? null;
    this.#last = next;
    if (!next) {
      this.loading = false;
      this.value = null;
      this.loaded = null;
      this.problem = null;
      return;
    }
    void this.#run(next);
  }

  /**
   * Asks after a pause of `pause_ms`, which counts as loading, and gives what calls it off. Made for
   * effects that follow what a reader types or moves.
   */
  requestAfter(pause_ms: number, next: Load<T> | null): () => void {
    count(1);
    let timer: ReturnType<typeof setTimeout> | null = setTimeout(() => {
      timer = null;
      this.request(next);
      count(-1);
    }, pause_ms);
    return () => {
      if (timer === null) return;
      clearTimeout(timer);
      timer = null;
      count(-1);
    };
  }

  retry(): void {
    if (this.#last) void this.#run(this.#last);
  }

  async #run(next: Load<T>): Promise<void> {
    const controller = new AbortController();
    this.#controller = controller;
    this.loading = true;
    this.problem = null;
    count(1);
    try {
      const value = await next.load(controller.signal);
      if (controller.signal.aborted) return;
      this.value = value;
      this.loaded = next.id;
    } catch (error) {
      if (!controller.signal.aborted) this.problem = problemOf(error);
    } finally {
      count(-1);
      if (!controller.signal.aborted) this.loading = false;
    }
  }
}

/**
 * A resource that follows what `wanted` says: a load, null for nothing to show, undefined while
 * that is not yet known, which keeps what is there. Call it while a component is set up.
 */
export function resource<T>(wanted: () => Load<T> | null | undefined): Resource<T> {
  const made = new Resource<T>();
  $effect(() => {
    const next = wanted();
    if (next !== undefined) untrack(() => made.request(next));
  });
  return made;
}

export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  return { type: '/problems/screen', title: 'screen', status: 0, detail: String(error) };
}
