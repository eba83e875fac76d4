// The review of doubtful positions: a queue that people walk through, and what they decide.
//
// A decision shows at once and is sent in the background, one after the other, so that nobody
// waits between two customers. What cannot be taken brings its customer back into the queue.

import { getContext, setContext, untrack } from 'svelte';
import * as api from '../api/client';
import type { Decision, Problem, ReviewItem, ReviewSummary } from '../api/wire';
import { busy, problemOf, resource, type Resource } from '../app/resource.svelte';
import type { Session } from '../app/session.svelte';
import { changed, nextOf, offsetOf, openAfter, previousOf, withDecided, withPage, type Entry } from '../view/queue';
import { showingReview } from '../view/screen';

const CONTEXT = Symbol('review');
const PAGE = 40;
/** So many customers are ready before they are reached. */
const AHEAD = 15;
const TOAST_MS = 9_000;

/** Something decided here that can be taken back. */
interface Step {
  text: string;
  /** The customer; null when it was about many. */
  item: ReviewItem | null;
  /** The reason of the customer or the group, and how many were settled. */
  reason: string | null;
  count: number;
  batch: Promise<number | null>;
}

export class Review {
  entries = $state.raw<Entry[]>([]);
  /** Whether a first page has come. */
  known = $state(false);
  loading = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** What went wrong with a decision. */
  trouble = $state.raw<{ name: string; problem: Problem } | null>(null);
  toast = $state.raw<{ text: string; canUndo: boolean } | null>(null);
  steps = $state.raw<Step[]>([]);
  /** Decisions on their way. */
  sending = $state(0);
  readonly counted: Resource<ReviewSummary>;
  /** Grows when the queue must be counted again. */
  #count = $state(0);
  /** Decided on since the queue was counted. */
  #since = $state.raw<ReviewItem[]>([]);
  #complete = $state(false);
  #line: Promise<unknown> = Promise.resolve();
  #controller: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
    this.counted = resource(() =>
      session.screen.kind === 'review'
        ? {
            id: `review ${session.edition} ${this.#count}`,
            load: async (signal) => {
              const before = this.#since;
              const summary = await api.review(signal);
              this.#since = this.#since.filter((item) => !before.includes(item));
              return summary;
            },
          }
        : undefined,
    );
    let shown: string | null = null;
    $effect(() => {
      const { screen, edition } = session;
      const wanted = screen.kind === 'review' ? `${edition} ${screen.reason ?? ''}` : null;
      if (wanted === shown) return;
      shown = wanted;
      if (wanted !== null) untrack(() => void this.load());
    });
    $effect(() => {
      if (session.screen.kind !== 'review' || !this.known || this.loading || this.#complete || this.problem) return;
      if (openAfter(this.entries, this.key) < AHEAD) untrack(() => void this.#more());
    });
  }

  get summary(): ReviewSummary | null {
    const counted = this.counted.value;
    return counted && withDecided(counted, this.#since);
  }

  get reason(): string | null {
    return this.#session.screen.kind === 'review' ? this.#session.screen.reason : null;
  }

  /** The customer under review; null when none is left. */
  get key(): string | null {
    const { screen } = this.#session;
    const named = screen.kind === 'review' ? screen.account : null;
    return this.entries.some(({ item }) => item.key === named) ? named : nextOf(this.entries, null);
  }

  get entry(): Entry | null {
    return this.entries.find(({ item }) => item.key === this.key) ?? null;
  }

  /** How many of a reason were settled here. */
  settled(reason: string | null): number {
    return this.steps
      .filter((step) => reason === null || step.reason === reason)
      .reduce((sum, { count }) => sum + count, 0);
  }

  show = (key: string | null): void => {
    const { screen } = this.#session;
    if (screen.kind !== 'review') return;
    this.#session.replace(showingReview(screen, screen.reason, key));
    const entry = this.entries.find(({ item }) => item.key === key);
    if (entry?.state === 'decided' && key !== null) void this.#renew(key);
  };

  skip = (): void => {
    const { key } = this;
    if (key === null) return;
    this.entries = changed(this.entries, key, { skipped: true });
    this.show(nextOf(this.entries, key));
  };

  back = (): void => this.show(previousOf(this.entries, this.key));

  /** Loads the queue anew. */
  load = async (): Promise<void> => {
    const { screen } = this.#session;
    if (screen.kind !== 'review') return;
    const { reason, account } = screen;
    const controller = this.#begin();
    this.known = false;
    try {
      const [page, named] = await busy(
        Promise.all([
          api.reviewItems(reason, 0, PAGE, controller.signal),
          account === null ? null : api.reviewItem(account, controller.signal),
        ]),
      );
      if (controller.signal.aborted) return;
      const isInPage = page.items.some(({ key }) => key === account);
      this.entries = withPage([], [...(isInPage || !named ? [] : named.items), ...page.items]);
      this.#complete = page.items.length < PAGE;
      this.known = true;
    } catch (error) {
      if (!controller.signal.aborted) this.problem = problemOf(error);
    } finally {
      if (!controller.signal.aborted) this.loading = false;
    }
  };

  /** Takes a decision and goes to the next customer. */
  decide = (decision: Decision, text: string): void => {
    const key = decision.account;
    const entry = this.entries.find(({ item }) => item.key === key);
    if (!entry) return;
    const { item } = entry;
    const isOpen = entry.state === 'open';
    this.trouble = null;
    this.entries = changed(this.entries, key, { state: 'decided', skipped: false });
    if (isOpen) this.#since = [...this.#since, item];
    const sent = this.#send(() => api.decide(decision));
    const step: Step = {
      text,
      item,
      reason: item.reason?.code ?? null,
      count: isOpen && item.reason ? 1 : 0,
      batch: sent.then(
        ({ batch }) => batch,
        () => null,
      ),
    };
    this.#keep(step);
    this.show(nextOf(this.entries, key));
    sent
      .then(() => (decision.how === 'correct' || decision.how === 'release' ? this.#renew(key) : undefined))
      .catch((error: unknown) => {
        this.#drop(step);
        this.trouble = { name: item.name, problem: problemOf(error) };
        this.toast = null;
        this.entries = changed(this.entries, key, { state: 'open' });
        this.show(key);
        void this.#renew(key);
      });
  };

  /** Accepts every position of the group. */
  acceptAll = async (reason: string): Promise<void> => {
    this.trouble = null;
    try {
      const { batch, accounts } = await this.#send(() => api.acceptAll(reason));
      const text = this.#session.sayCount('review.toast.all', accounts);
      this.#keep({ text, item: null, reason, count: accounts, batch: Promise.resolve(batch) });
      const { screen } = this.#session;
      this.#session.replace(showingReview(screen, this.reason));
      await this.load();
    } catch (error) {
      this.trouble = { name: this.#session.sayOr(`reason.${reason}`, reason), problem: problemOf(error) };
    }
  };

  /** Gives every customer the better position; false when it failed. */
  relocate = async (): Promise<boolean> => {
    this.trouble = null;
    try {
      const { batch, accounts } = await this.#send(api.relocate);
      const text = this.#session.sayCount('review.toast.relocated', accounts);
      this.#keep({ text, item: null, reason: null, count: 0, batch: Promise.resolve(batch) });
      return true;
    } catch (error) {
      this.trouble = { name: this.#session.say('relocation.title'), problem: problemOf(error) };
      return false;
    }
  };

  /** Takes back what was decided last. */
  undo = async (): Promise<void> => {
    const step = this.steps.at(-1);
    if (!step) return;
    this.steps = this.steps.slice(0, -1);
    this.trouble = null;
    this.#say(this.#session.say('review.toast.undone', { what: step.text }), false);
    const { item } = step;
    if (item) {
      this.#since = this.#since.filter(({ key }) => key !== item.key);
      this.entries = changed(this.entries, item.key, { state: 'open' });
      this.show(item.key);
    }
    try {
      await this.#send(async () => {
        const batch = await step.batch;
        if (batch !== null) await api.undoBatch(batch);
      });
      if (item) await this.#renew(item.key);
      else {
        await this.load();
        this.#session.refresh();
      }
    } catch (error) {
      this.trouble = { name: step.text, problem: problemOf(error) };
      this.toast = null;
      if (item) await this.#renew(item.key);
    }
  };

  quiet = (): void => {
    this.toast = null;
    clearTimeout(this.#timer);
  };

  #begin(): AbortController {
    this.#controller?.abort();
    this.#controller = new AbortController();
    this.loading = true;
    this.problem = null;
    return this.#controller;
  }

  async #more(): Promise<void> {
    const controller = this.#begin();
    try {
      // One less: whoever was named in the address may stand further behind in the queue.
      const offset = Math.max(0, offsetOf(this.entries) - 1);
      const { items } = await busy(api.reviewItems(this.reason, offset, PAGE, controller.signal));
      if (controller.signal.aborted) return;
      const before = this.entries.length;
      this.entries = withPage(this.entries, items);
      this.#complete = items.length < PAGE || this.entries.length === before;
    } catch (error) {
      if (!controller.signal.aborted) this.problem = problemOf(error);
    } finally {
      if (!controller.signal.aborted) this.loading = false;
    }
  }

  /** Asks for a customer again, who may have changed; whoever is still doubtful is open again. */
  async #renew(key: string): Promise<void> {
    const before = this.entries.find(({ item }) => item.key === key);
    if (!before) return;
    try {
      await this.#line;
      const [item] = (await busy(api.reviewItem(key))).items;
      if (!item) return;
      const isOpen = item.reason !== null || before.state === 'open';
      this.entries = changed(this.entries, key, { item, state: isOpen ? 'open' : 'decided' });
      if (before.state === 'decided' && isOpen) {
        this.#since = this.#since.filter((one) => one.key !== key);
        this.#say(this.#session.say('review.toast.doubt', { name: item.name }), true);
      }
    } catch {
      // What is shown stays; the next decision says what is wrong.
    }
  }

  /** Sends after everything before it, and has the queue counted when nothing is on its way. */
  #send<T>(work: () => Promise<T>): Promise<T> {
    this.sending += 1;
    const sent = busy(this.#line.then(work, work));
    this.#line = sent.catch(() => undefined);
    void this.#line.then(() => {
      this.sending -= 1;
      if (this.sending > 0) return;
      this.#count += 1;
      void this.#session.follow();
    });
    return sent;
  }

  #keep(step: Step): void {
    this.steps = [...this.steps, step];
    this.#say(step.text, true);
  }

  #drop(step: Step): void {
    this.steps = this.steps.filter((one) => one !== step);
    this.#since = this.#since.filter((item) => item !== step.item);
  }

  #say(text: string, canUndo: boolean): void {
    clearTimeout(this.#timer);
    this.toast = { text, canUndo };
    this.#timer = setTimeout(() => (this.toast = null), TOAST_MS);
  }
}

export const startReview = (session: Session): Review => setContext(CONTEXT, new Review(session));

export const useReview = (): Review => getContext<Review>(CONTEXT);
