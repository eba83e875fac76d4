// What is done to the customer under review: looked at, placed on the map, or corrected.

import * as api from '../api/client';
import type { Candidate, Found, Located, Position, Precision, ReviewItem } from '../api/wire';
import { Resource, type Load } from '../app/resource.svelte';
import type { Circle } from '../map/scene';
import type { Pin } from '../map/SpotMap.svelte';
import type { Session } from '../app/session.svelte';
import { distanceM, handRadiusM, precisionOf } from '../view/spot';
import type { Review } from './review.svelte';

/** Positions nearer than this are the same, in metres. */
const SAME_M = 1;
/** A present position that is less sure than this tells the map nothing of where to look. */
const VAGUE_M = 30_000;

/** The largest radius of a decision, in metres. */
const MOST_M = 100_000;

export type Mode =
  | { kind: 'look' }
  /** `radius_m` is to within how far the hand could place the pin at the zoom of that moment. */
  | { kind: 'place'; pin: { position: Position; radius_m: number } | null }
  | { kind: 'correct' };

export class Desk {
  mode = $state.raw<Mode>({ kind: 'look' });
  /** The candidate pointed at. */
  pointed = $state<number | null>(null);
  /** What the address that is being written means. */
  located = $state.raw<Located | null>(null);
  zoom = $state(4);
  /** What the other geocoder was asked last. */
  readonly elsewhere = new Resource<Found>();
  readonly #session: Session;
  readonly #review: Review;

  constructor(session: Session, review: Review) {
    this.#session = session;
    this.#review = review;
  }

  get item(): ReviewItem | null {
    return this.#review.entry?.item ?? null;
  }

  /** The candidates on the map: those of the address, or of the one being written. */
  get candidates(): Candidate[] {
    if (this.mode.kind !== 'correct') return [...this.#own, ...(this.foundElsewhere?.candidates ?? [])];
    return candidatesOf(this.located);
  }

  /** What the other geocoder says of the customer; null before it was asked. */
  get foundElsewhere(): Found | null {
    return this.elsewhere.loaded === this.#question?.id ? this.elsewhere.value : null;
  }

  get #own(): Candidate[] {
    return this.item?.candidates ?? [];
  }

  get #question(): Load<Found> | null {
    const provider = this.#session.model.value?.provider;
    const text = this.item && this.#session.lineOf(this.item.address);
    if (!this.item || !provider || !text) return null;
    return {
      id: `${this.item.key} ${text}`,
      load: (signal) => api.geocodeElsewhere(text, provider, signal),
    };
  }

  /** Sends the address of the customer to the other geocoder. */
  askElsewhere = (): void => {
    if (this.#question) this.elsewhere.request(this.#question);
  };

  look = (): void => {
    this.mode = { kind: 'look' };
    this.pointed = null;
    this.located = null;
  };

  startPlacing = (): void => {
    if (this.item) this.mode = { kind: 'place', pin: null };
  };

  startCorrecting = (): void => {
    if (this.item) this.mode = { kind: 'correct' };
  };

  /** Puts the pin somewhere, which is not a decision yet. */
  put = ([lon, lat]: Position): void => {
    const position: Position = [Number(lon.toFixed(7)), Number(lat.toFixed(7))];
    this.mode = { kind: 'place', pin: { position, radius_m: handRadiusM(lat, this.zoom) } };
  };

  accept = (): void => {
    const { item } = this;
    if (!item?.position) return;
    this.look();
    this.#review.decide({ account: item.key, how: 'accept' }, this.#session.say('review.toast.accept', named(item)));
  };

  pick = (index: number): void => {
    const { item } = this;
    const candidate = this.candidates[index];
    if (!item || !candidate || this.mode.kind === 'correct') return;
    const { position, radius_m } = candidate;
    const isOwn = index < this.#own.length;
    const pick = { account: item.key, how: 'pick', position } as const;
    this.look();
    this.#review.decide(
      isOwn ? pick : { ...pick, provider: true, radius_m: Math.min(MOST_M, Math.max(1, radius_m)) },
      this.#session.say('review.toast.pick', { ...named(item), place: candidate.matched }),
    );
  };

  place = (): void => {
    const { item, mode } = this;
    if (!item || mode.kind !== 'place' || !mode.pin) return;
    this.look();
    this.#review.decide(
      { account: item.key, how: 'place', ...mode.pin },
      this.#session.say('review.toast.place', named(item)),
    );
  };

  correct = (address: ReviewItem['address']): void => {
    const { item } = this;
    if (!item) return;
    this.look();
    this.#review.decide(
      { account: item.key, how: 'correct', address },
      this.#session.say('review.toast.correct', named(item)),
    );
  };

  /** Gives the position back to the file. */
  release = (): void => {
    const { item } = this;
    if (!item) return;
    this.look();
    this.#review.decide({ account: item.key, how: 'release' }, this.#session.say('review.toast.release', named(item)));
  };

  /** What the map is fitted to: the candidates and the present position. */
  get spots(): { position: Position; radius_m: number }[] {
    const { item, candidates } = this;
    const now = item?.position ? [{ position: item.position, radius_m: item.radius_m ?? 0 }] : [];
    const clear = candidates.length > 0 ? now.filter(({ radius_m }) => radius_m < VAGUE_M) : now;
    return [...clear, ...candidates];
  }

  get circles(): Circle[] {
    const { item, mode } = this;
    if (!item) return [];
    const isVague = (item.radius_m ?? 0) > VAGUE_M;
    const now = circleAt(item.position, item.radius_m, item.precision, !isVague && this.pointed === null);
    const placed = mode.kind === 'place' ? mode.pin : null;
    const pin = placed ? circleAt(placed.position, placed.radius_m, precisionOf(placed.radius_m), true) : [];
    const others = this.candidates.flatMap(({ position, radius_m, precision }, index) =>
      circleAt(position, radius_m, precision, index === this.pointed),
    );
    return [...others, ...now, ...pin];
  }

  get pins(): Pin[] {
    const { item, mode } = this;
    if (!item) return [];
    const { say } = this.#session;
    const isPicking = mode.kind === 'look';
    const same = this.candidates.findIndex(({ position }) => isSame(position, item.position));
    const pins = this.candidates.flatMap((candidate, index): Pin[] =>
      index === same
        ? []
        : [
            {
              id: `candidate-${index + 1}`,
              position: candidate.position,
              precision: candidate.precision,
              text: String(index + 1),
              label: say('review.pin.candidate', { n: index + 1, name: candidate.matched }),
              chosen: index === this.pointed,
              onclick: isPicking ? () => this.pick(index) : null,
              moved: null,
            },
          ],
    );
    if (item.position) {
      const now = say('review.pin.now');
      const text = same < 0 ? now : `${now} · ${same + 1}`;
      pins.push({
        id: 'now',
        position: item.position,
        precision: item.precision,
        text,
        label: `${text}: ${say('review.pin.drag')}`,
        chosen: mode.kind !== 'place' && this.pointed === null,
        onclick: null,
        moved: this.put,
      });
    }
    if (mode.kind === 'place' && mode.pin) {
      const here = say('review.pin.here');
      const pin = { text: here, label: here, chosen: true, onclick: null, moved: this.put };
      pins.push({ id: 'pin', position: mode.pin.position, precision: null, ...pin });
    }
    return pins;
  }
}

/** Whether two positions are the same for any purpose here. */
export const isSame = (a: Position, b: Position | null): boolean => b !== null && distanceM(a, b) < SAME_M;

/** What an address may mean: several, one, or nothing. */
export function candidatesOf(located: Located | null): Candidate[] {
  if (!located) return [];
  if (located.candidates.length > 0) return located.candidates;
  const { position, precision, source, radius_m, confidence, matched } = located;
  if (!position || radius_m === null) return [];
  const rest = { country: '', postal: null, is_suggestion: false };
  return [{ position, precision, source, radius_m, confidence, matched, ...rest }];
}

const named = ({ name, key }: ReviewItem) => ({ name: name || key });

const circleAt = (
  position: Position | null,
  radius_m: number | null,
  precision: Precision,
  chosen: boolean,
): Circle[] => (position && radius_m !== null && radius_m > 0 ? [{ position, radius_m, precision, chosen }] : []);
