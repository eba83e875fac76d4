// A list that is loaded page by page.

import { untrack } from 'svelte';
import type { Problem } from '../api/wire';
import { busy, problemOf } from './resource.svelte';

export interface Page<T> {
  items: T[];
  total: number;
}

export interface Source<T> {
  id: string;
  page: (offset: number, signal: AbortSignal) => Promise<Page<T>>;
}

export class Pages<T> {
  items = $state.raw<T[]>([]);
  total = $state(0);
  loading = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** Whether a first page has come. */
  known = $state(false);
  #source: Source<T> | null = null;
  #controller: AbortController | null = null;

  follow(source: Source<T> | null): void {
    if (source?.id === this.#source?.id) return;
    this.#source = source;
    if (source) void this.#load(source, 0);
  }

  more = (): void => {
    if (this.#source && !this.loading) void this.#load(this.#source, this.items.length);
  };

  retry = (): void => {
    if (this.#source) void this.#load(this.#source, this.problem && this.items.length === 0 ? 0 : this.items.length);
  };

  async #load(source: Source<T>, offset: number): Promise<void> {
    this.#controller?.abort();
    const controller = new AbortController();
    this.#controller = controller;
    this.loading = true;
    this.problem = null;
    try {
      const { items, total } = await busy(source.page(offset, controller.signal));
      if (controller.signal.aborted) return;
      this.items = offset === 0 ? items : [...this.items, ...items];
      this.total = total;
      this.known = true;
    } catch (error) {
      if (!controller.signal.aborted) this.problem = problemOf(error);
    } finally {
      if (!controller.signal.aborted) this.loading = false;
    }
  }
}

/** Pages that follow what `wanted` says; call it while a component is set up. */
export function pages<T>(wanted: () => Source<T> | null): Pages<T> {
  const made = new Pages<T>();
  $effect(() => {
    const source = wanted();
    untrack(() => made.follow(source));
  });
  return made;
}
