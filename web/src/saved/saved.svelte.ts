// The saved views that the menu shows, and what is done to them.

import * as api from '../api/client';
import type { Problem, View } from '../api/wire';
import { busy, problemOf, Resource } from '../app/resource.svelte';
import type { Session } from '../app/session.svelte';
import { readAddress, writeAddress } from '../view/address';
import { byName, namedLike } from './names';

const NOTE_MS = 9_000;

/** What was just done; a deleted view can come back. */
export interface Note {
  text: string;
  deleted: View | null;
}

export class Saved {
  readonly loaded = new Resource<{ views: View[] }>();
  note = $state.raw<Note | null>(null);
  /** What went wrong outside a form. */
  problem = $state.raw<Problem | null>(null);
  /** The view that was opened last: saving offers its name. */
  opened = $state.raw<View | null>(null);
  readonly views = $derived.by(() => byName(this.loaded.value?.views ?? [], this.#session.locale));
  readonly #session: Session;
  #edition = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Asks for the views again: others save some too. */
  load = (): void => {
    this.#edition += 1;
    this.loaded.request({ id: `views ${this.#edition}`, load: api.views });
  };

  open = (view: View): void => {
    this.opened = view;
    this.#session.go(readAddress(view.address));
  };

  /** Saves the screen as it is; null when it went well. */
  save = async (name: string): Promise<Problem | null> => {
    const replace = namedLike(this.views, name) !== undefined;
    const address = writeAddress(this.#session.screen);
    return this.#attempt(async () => {
      const view = await api.saveView({ name, address, replace });
      this.opened = view;
      this.say(this.#session.say(replace ? 'views.replaced' : 'views.saved', { name: view.name }));
    });
  };

  rename = async (view: View, name: string): Promise<Problem | null> =>
    this.#attempt(async () => {
      const renamed = await api.renameView(view.id, name);
      if (this.opened?.id === view.id) this.opened = renamed;
      this.say(this.#session.say('views.renamed', { name: renamed.name }));
    });

  remove = async (view: View): Promise<void> => {
    this.problem = await this.#attempt(async () => {
      await api.deleteView(view.id);
      this.say(this.#session.say('views.deleted', { name: view.name }), view);
    });
  };

  /** Brings back the view that was deleted last. */
  restore = async (): Promise<void> => {
    const view = this.note?.deleted;
    if (!view) return;
    this.quiet();
    this.problem = await this.#attempt(async () => {
      const { name } = await api.saveView({ name: view.name, address: view.address, replace: false });
      this.say(this.#session.say('views.restored', { name }));
    });
  };

  /** Puts the whole address of `view` into the clipboard. */
  copy = async (view: View): Promise<void> => {
    const url = new URL(view.address, location.origin + location.pathname).href;
    try {
      await navigator.clipboard.writeText(url);
      this.say(this.#session.say('views.copied', { name: view.name }));
    } catch {
      this.say(this.#session.say('views.uncopied', { name: view.name }));
    }
  };

  /** Says what was done, for a while. */
  say = (text: string, deleted: View | null = null): void => {
    clearTimeout(this.#timer);
    this.note = { text, deleted };
    this.#timer = setTimeout(() => (this.note = null), NOTE_MS);
  };

  quiet = (): void => {
    clearTimeout(this.#timer);
    this.note = null;
  };

  async #attempt(work: () => Promise<void>): Promise<Problem | null> {
    let problem: Problem | null = null;
    try {
      await busy(work());
    } catch (error) {
      problem = problemOf(error);
    }
    this.load();
    return problem;
  }
}
