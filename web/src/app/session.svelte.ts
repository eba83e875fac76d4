// One session of the screen: its state, the address bar, and what every panel needs to speak and count.

import { getContext, setContext } from 'svelte';
import * as api from '../api/client';
import type { Address, Measure, MeasureUnit, Model, Position, Precision, Reason } from '../api/wire';
import { SITES_ZOOM } from '../map/zooms';
import { namesPlace, readAddress, writeAddress } from '../view/address';
import { labelOf, modelOf } from '../measures/own';
import { formats, localeOf, unitOf } from '../view/format';
import {
  countryOf,
  cubeLevel,
  isOwn,
  UNASSIGNED,
  type Level,
  type OfficialLevel,
  type RegionRef,
} from '../view/levels';
import { lineOf } from '../view/queue';
import { entering, goingTo, startingAt, type Screen } from '../view/screen';
import { back, forth, NO_TRAIL, withStep, type Trail } from '../view/trail';
import { say, sayCount, sayOr, sentences, type Key, type PluralKey, type Values } from '../words/words';
import { Preferences } from './preferences.svelte';
import { resource } from './resource.svelte';

const CONTEXT = Symbol('session');

/** What the search found at a position of its own. */
export interface Found {
  name: string;
  position: Position;
  precision: Precision;
  radius_m: number;
}

/** When to look whether the figures have followed a decision, in milliseconds after each other. */
const FOLLOW_MS = [400, 800, 1600, 3200, 6400];

export class Session {
  screen = $state.raw<Screen>(readAddress(location.search));
  /** The steps so far, for undo and redo. */
  trail = $state.raw<Trail>(NO_TRAIL);
  readonly preferences = new Preferences();
  /** Grows when the figures may have changed, so that everything is asked again. */
  edition = $state(0);
  readonly model = resource<Model>(() => ({
    id: `model ${this.edition}`,
    load: async (signal) => modelOf(await api.model(signal)),
  }));
  /** The region pointed at in any view; the others light it up. */
  pointed = $state.raw<RegionRef | null>(null);
  zoom = $state(4);
  /** The pin of the search; gone when the reader goes elsewhere. */
  found = $state.raw<Found | null>(null);
  /** Whether the address did not say where to start and it is not settled yet. */
  homeless = $state(!namesPlace(location.search));

  #follower = 0;

  readonly format = $derived(formats(this.preferences.language, this.currency));

  get currency(): string | null {
    return this.screen.ask.currency ?? this.model.value?.currency ?? this.model.value?.currencies[0] ?? null;
  }

  /** Customers wait until the map is close, so as not to hide the areas; without areas they do not. */
  get sitesFrom(): number {
    return this.screen.shown.area && this.model.value?.lines !== 0 ? SITES_ZOOM : 0;
  }

  get locale(): string {
    return localeOf(this.preferences.language);
  }

  say = (key: Key, values?: Values): string => say(this.preferences.language, key, values);
  sayOr = (key: string, fallback: string): string => sayOr(this.preferences.language, key, fallback);
  sayCount = (key: PluralKey, count: number): string =>
    sayCount(this.preferences.language, key, count, this.format.count(count));

  /** What people call a measure: an own one as they have named it. */
  measureName = (measure: Measure): string => {
    const own = this.model.value?.measures.find(({ id }) => id === measure)?.own;
    if (own) return labelOf(own, this.preferences.language);
    return this.sayOr(`measure.${measure}`, this.sayOr(`figure.${measure}`, measure));
  };

  unitOf = (measure: Measure): MeasureUnit => unitOf(measure, this.model.value);

  /** A region's name in the reader's language. */
  nameOf = (level: Level, key: string, name: string): string => {
    if (key === UNASSIGNED) {
      if (isOwn(level)) return this.say('table.unassigned.own');
      const finer = level !== 'country' && !this.screen.ask.at;
      return this.say(finer ? 'table.unassigned.finer' : 'table.unassigned');
    }
    return level === 'country' ? this.format.country(key, name) : name;
  };

  /** What a region of a level is called; of own regions the name that the company gave them. */
  levelName = (level: Level): string =>
    isOwn(level) ? this.#hierarchyName(level) : this.sayOr(`level.in.${this.#here(level)}`, this.say(`level.${level}`));

  /** What the regions of a level are called together. */
  levelsName = (level: Level): string =>
    isOwn(level)
      ? this.#hierarchyName(level)
      : this.sayOr(`levels.in.${this.#here(level)}`, this.say(`levels.${level}`));

  /** A level inside a sentence: German nouns keep their capital, and names are as they are. */
  levelWord = (level: Level): string => {
    const word = this.levelName(level);
    if (isOwn(level)) return word;
    return this.preferences.language === 'de' ? word : word.toLowerCase();
  };

  /** The kind of a district in the reader's language, short enough to stand behind its name. */
  kindOf = (kind: string): string => this.say(/stadt|stadtkreis/i.test(kind) ? 'kind.city' : 'kind.district');

  /** Shows another screen as a step that the back button undoes. */
  go = (next: Screen): void => {
    const address = writeAddress(next);
    if (address !== location.search) history.pushState(null, '', address);
    this.trail = withStep(this.trail, this.screen, next);
    this.#show(next);
  };

  /** Shows another screen in place of this one; many in a row are undone as one step. */
  replace = (next: Screen): void => {
    history.replaceState(null, '', writeAddress(next));
    this.trail = withStep(this.trail, this.screen, next, true);
    this.#show(next);
  };

  /** Takes the last step back. */
  undo = (): void => this.#walk(back(this.trail, this.screen));

  /** Does the step again that was undone last. */
  redo = (): void => this.#walk(forth(this.trail, this.screen));

  drill = (at: RegionRef | null): void => this.go(goingTo(this.screen, at));

  /** Goes to a region that is seen inside the present one. */
  enter = (at: RegionRef): void => this.go(entering(this.screen, at));

  /** Starts an address without a place at `at`. */
  settle = (at: RegionRef | null): void => {
    if (!this.homeless) return;
    this.homeless = false;
    this.replace(startingAt(this.screen, at));
    this.trail = NO_TRAIL;
  };

  /** Follows the back and forward buttons. */
  restore = (): void => {
    const next = readAddress(location.search);
    this.trail = withStep(this.trail, this.screen, next);
    this.#show(next);
  };

  refresh = (): void => {
    this.edition += 1;
  };

  /** Looks for new figures after a decision, which they follow in the background. */
  follow = async (): Promise<void> => {
    const before = this.model.value?.version;
    const mine = (this.#follower += 1);
    for (const wait of FOLLOW_MS) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      if (this.#follower !== mine || this.model.value?.version !== before) return;
      this.model.retry();
    }
  };

  /** What a doubt says in the reader's language, sentence by sentence; nothing where only English tells it. */
  explain = ({ facts = {} }: Reason): string[] => {
    const values = Object.entries(facts).map(([name, value]) => [name, this.#fact(name, value)] as const);
    return sentences(this.preferences.language, 'doubt', Object.fromEntries(values));
  };

  #fact(name: string, value: string): string {
    if (/(^|_)country$/.test(name) && name !== 'unknown_country') return this.format.country(value, value);
    return /^(count|population)$|_km$/.test(name) ? this.format.count(Number(value)) : value;
  }

  /** An address in one line. */
  lineOf = (address: Address): string => lineOf(address, this.format.country(address.country, address.country));

  /** Where a position comes from, unless its precision says the same. */
  originOf = ({ source, precision }: { source: string; precision: Precision }): string[] => {
    const origin = this.sayOr(`source.${source.replaceAll(' ', '_')}`, source);
    return origin && origin !== this.say(`precision.${precision}`) ? [origin] : [];
  };

  /** A level of the country that the reader is in, which may have words of its own. */
  #here(level: OfficialLevel): string {
    const { at } = this.screen.ask;
    return at && !isOwn(at.level) ? `${countryOf(at.level, at.key)}_${level}` : level;
  }

  #hierarchyName(level: Level): string {
    const known = this.model.value?.hierarchies.find((hierarchy) => hierarchy.level === cubeLevel(level));
    return known?.name ?? this.say('level.own');
  }

  #walk(to: { screen: Screen; trail: Trail } | null): void {
    if (!to) return;
    history.pushState(null, '', writeAddress(to.screen));
    this.trail = to.trail;
    this.#show(to.screen);
  }

  #show(next: Screen): void {
    const before = this.screen.ask;
    if (next.ask.at?.key !== before.at?.key || next.ask.measure !== before.measure) {
      this.pointed = null;
      this.found = null;
    }
    this.screen = next;
  }
}

export function startSession(): Session {
  return setContext(CONTEXT, new Session());
}

export const useSession = (): Session => getContext<Session>(CONTEXT);
