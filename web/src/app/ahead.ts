// Answers that are asked for before they are needed.

import type { Answer } from '../api/wire';

/** Answers kept at most: those of a few steps of the player, as large as they may be. */
const MOST = 40;

export class Ahead {
  readonly #answers = new Map<string, Promise<Answer>>();

  /** Asks for an answer unless it is there or on its way. */
  prepare(id: string, ask: () => Promise<Answer>): void {
    if (this.#answers.has(id)) return;
    const answer = ask();
    this.#answers.set(id, answer);
    // Who needs it asks again and sees the problem.
    answer.catch(() => this.#answers.delete(id));
    for (const old of [...this.#answers.keys()].slice(0, -MOST)) this.#answers.delete(old);
  }

  /** The answer, if it was asked for. */
  get(id: string): Promise<Answer> | undefined {
    return this.#answers.get(id);
  }
}
