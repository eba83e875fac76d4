// How the map's figures are painted: their classes, which stay while time moves, and their colours.

import { getContext, setContext } from 'svelte';
import type { MeasureUnit } from '../api/wire';
import type { RegionCell } from '../view/answer';
import { classesOf, fitted, isTwoSided, type Classes, type Fit } from '../view/classes';
import type { Scale } from '../view/format';
import type { Level } from '../view/levels';
import { isFew, judgedBy, painter, valuesOf, type Judged, type Paint } from '../view/paint';
import { coloursOf, paletteOf, PALETTES, type Palette } from '../view/palettes';
import type { Days } from '../view/period';
import type { Figures } from './figures.svelte';
import type { Session } from './session.svelte';

const CONTEXT = Symbol('painting');

/** Classes with what they were made of. */
interface Made {
  /** All that was asked for but the time, and how classes are to be made. */
  of: string;
  /** How often the reader asked for them anew. */
  turn: number;
  days: Days | null;
  fit: Fit;
}

export class Painting {
  readonly #session: Session;
  readonly #figures: Figures;
  #anew = $state(0);
  /** The classes that are there; no state, since it only follows what is asked. */
  #made: Made | null = null;

  constructor(session: Session, figures: Figures) {
    this.#session = session;
    this.#figures = figures;
  }

  readonly judged: Judged = $derived.by(() => {
    const { ask, look } = this.#session.screen;
    return judgedBy(
      this.#session.model.value?.measures.find(({ id }) => id === ask.measure),
      ask.measure,
      look,
    );
  });

  readonly #values: number[] = $derived.by(() => valuesOf(this.#figures.areaCells, this.judged));

  /** The classes as they were made last; made anew when more than the time is another. */
  readonly #fitted: Made | null = $derived.by(() => {
    const { look, ask } = this.#session.screen;
    const of = JSON.stringify([
      this.#figures.subject,
      ask.measure,
      this.judged.least,
      look.method,
      look.count,
      look.breaks,
      look.palette,
    ]);
    if (this.#made?.of === of && this.#made.turn === this.#anew) return this.#made;
    const chosen = PALETTES.find(({ name }) => name === look.palette);
    const turns = chosen ? chosen.diverging : isTwoSided(this.#values);
    const fit = fitted(this.#values, { ...look, turns });
    if (!fit) return null;
    return (this.#made = { of, turn: this.#anew, days: this.#figures.days, fit });
  });

  /** The bounds of the classes, whichever figures they were made of. */
  readonly fit: Fit | null = $derived.by(() => this.#session.screen.look.held ?? this.#fitted?.fit ?? null);

  readonly classes: Classes | null = $derived.by(
    () => this.fit && classesOf(this.#values, this.fit, this.#session.screen.look.method),
  );

  /** Whether the values lie on two sides of something. */
  get turns(): boolean {
    return (this.fit?.turn ?? null) !== null;
  }

  readonly palette: Palette = $derived.by(() => paletteOf(this.#session.screen.look.palette, this.turns));

  /** The classes that stay while the others fade; none means all. */
  get only(): readonly number[] {
    const { look } = this.#session.screen;
    return look.method === 'continuous' ? [] : look.only.filter((index) => index < (this.classes?.counts.length ?? 0));
  }

  /** The colour of each class. */
  readonly colours: string[] = $derived.by(() =>
    this.classes ? coloursOf(this.palette, this.classes, this.#session.preferences.theme) : [],
  );

  /** How many regions have a figure of too little to be judged. */
  readonly few: number = $derived.by(() => this.#figures.areaCells.filter(({ now }) => isFew(now, this.judged)).length);

  /** The days that the classes were made of, where others are shown; null where they fit what is shown. */
  get keptFrom(): Days | null {
    const { days } = this.#fitted ?? { days: null };
    if (this.#session.screen.look.held || !days || this.#session.screen.look.method === 'manual') return null;
    const shown = this.#figures.days;
    return days.from === shown?.from && days.to === shown.to ? null : days;
  }

  /** How bounds are written: all of them alike. */
  get scale(): Scale {
    const bounds = this.classes?.bounds ?? [];
    return this.#session.format.legendScale(bounds[Math.floor(bounds.length / 2)] ?? 0, this.#unit);
  }

  /** A bound without its unit. */
  written = (bound: number | undefined): string => this.#session.format.scaled(bound ?? null, this.#unit, this.scale);

  /** The unit that bounds are written in. */
  get unitText(): string {
    return this.#session.format.unit(this.#unit, this.scale);
  }

  /** What a bound written as 1 stands for. */
  get factor(): number {
    return this.#session.format.factor(this.#unit, this.scale);
  }

  /** From where to where a class goes. */
  classText = (index: number): string => {
    const [from, to] = [this.classes?.bounds[index], this.classes?.bounds[index + 1]].map(this.written);
    return this.#session.say('legend.span', { from: from ?? '', to: to ?? '' });
  };

  get #unit(): MeasureUnit {
    return this.#session.unitOf(this.judged.measure);
  }

  /** Makes the classes of what is shown. */
  refit = (): void => {
    this.#anew += 1;
  };

  /** Gives the paint of a cell's figures. */
  readonly paintOf: (cell: RegionCell) => Paint = $derived.by(() => {
    const { look } = this.#session.screen;
    const paint = painter(this.judged, {
      classes: this.classes,
      palette: this.palette,
      theme: this.#session.preferences.theme,
      continuous: look.method === 'continuous',
      only: this.only,
    });
    return (cell) => paint(cell.now);
  });

  /** The paint of every region that the map draws, by level and key. */
  readonly paints: ReadonlyMap<Level, ReadonlyMap<string, Paint>> = $derived.by(() => {
    const made = new Map<Level, Map<string, Paint>>();
    for (const cell of this.#figures.areaCells) {
      if (!made.has(cell.level)) made.set(cell.level, new Map());
      made.get(cell.level)?.set(cell.key, this.paintOf(cell));
    }
    return made;
  });

  /** Whether the map draws a cell as one that the chosen classes leave out. */
  fades = (cell: RegionCell): boolean => this.paints.get(cell.level)?.get(cell.key)?.faded ?? false;
}

export const startPainting = (session: Session, figures: Figures): Painting =>
  setContext(CONTEXT, new Painting(session, figures));

export const usePainting = (): Painting => getContext<Painting>(CONTEXT);
