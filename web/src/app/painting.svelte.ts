// How the map's figures are painted: their classes, which stay while time moves, and their colours.

import { getContext, setContext } from 'svelte';
import type { Measure, MeasureUnit } from '../api/wire';
import { figure, type Cell, type RegionCell, type Values } from '../view/answer';
import { bivariateColours, bivariateClass, SIDE } from '../view/bivariate';
import { classesOf, fitted, isTwoSided, type Classes, type Fit } from '../view/classes';
import type { Scale } from '../view/format';
import { isOfSums } from '../view/look';
import type { Level } from '../view/levels';
import { isFew, judgedBy, pairPainter, painter, plainPainter, valuesOf, type Judged, type Paint } from '../view/paint';
import { along } from '../view/colour';
import { dotsOf, fittingPer, leastPer } from '../view/dots';
import { coloursOf, paletteOf, PALETTES, type Palette } from '../view/palettes';
import type { Days } from '../view/period';
import { withoutTime } from '../view/question';
import type { Figures } from './figures.svelte';
import type { Forms } from './forms.svelte';
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
  /** The classes of the second measure. */
  second: Fit | null;
  /** The greatest value, below zero or above: what the largest sign stands for. */
  most: number;
  /** What fits as the figure of one dot. */
  per: number;
}

/** How many colours a smoothed picture has, and where in the palette they begin: nothing is no colour. */
const HEAT_COLOURS = 6;
const HEAT_FROM = 0.2;

export class Painting {
  readonly #session: Session;
  readonly #figures: Figures;
  readonly #forms: Forms;
  #anew = $state(0);
  /** The classes that are there; no state, since it only follows what is asked. */
  #made: Made | null = null;

  constructor(session: Session, figures: Figures, forms: Forms) {
    this.#session = session;
    this.#figures = figures;
    this.#forms = forms;
  }

  readonly judged: Judged = $derived.by(() => this.#judgedBy(this.#session.screen.ask.measure));

  /** What is judged of the second measure. */
  readonly second: Judged = $derived.by(() => this.#judgedBy(this.#session.screen.look.second));

  /** Whether what is drawn has classes at all. */
  get hasClasses(): boolean {
    return ['area', 'hexagons'].includes(this.#session.screen.look.form);
  }

  /** Whether a smoothed picture is drawn, which has colours but no classes. */
  get isSmoothed(): boolean {
    return this.#session.screen.look.form === 'heat';
  }

  /** What classes are made of: the regions, or the hexagons. */
  readonly cells: readonly Cell[] = $derived.by(() =>
    this.#session.screen.look.form === 'hexagons' ? (this.#forms.hexagons.value?.cells ?? []) : this.#figures.areaCells,
  );

  readonly #values: number[] = $derived.by(() => valuesOf(this.cells, this.judged));
  readonly #secondValues: number[] = $derived.by(() => valuesOf(this.cells, this.second));

  /** The values of the year before. */
  get #before(): number[] {
    return this.#figures.areaCells.flatMap(({ before }) => figure(before, this.judged.measure) ?? []);
  }

  /** The classes as they were made last; made anew when more than the time is another. */
  readonly #fitted: Made | null = $derived.by(() => {
    const { look, ask } = this.#session.screen;
    const how = [look.form, look.method, look.count, look.breaks, look.palette];
    const measures = [ask.measure, this.judged.least, look.form === 'bivariate' && look.second];
    const of = JSON.stringify([this.#subject, measures, how]);
    if (this.#made?.of === of && this.#made.turn === this.#anew) return this.#made;
    const isPair = look.form === 'bivariate';
    const fit = isPair ? this.#third(this.#values) : this.#fit(this.#values);
    if (!fit) return null;
    const sizes = look.form === 'bars' ? [...this.#values, ...this.#before] : this.#values;
    const greatest = sizes.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return (this.#made = {
      of,
      turn: this.#anew,
      days: this.#days,
      fit,
      second: isPair ? this.#third(this.#secondValues) : null,
      most: greatest || 1,
      per: fittingPer(this.#values),
    });
  });

  /** The bounds of the classes, whichever figures they were made of. */
  readonly fit: Fit | null = $derived.by(() => {
    const held = this.hasClasses ? this.#session.screen.look.held : null;
    return held ?? this.#fitted?.fit ?? null;
  });

  readonly classes: Classes | null = $derived.by(
    () => this.fit && classesOf(this.#values, this.fit, this.#session.screen.look.method),
  );

  /** The classes of the first and of the second measure, where both are drawn. */
  readonly pair: readonly [Classes, Classes] | null = $derived.by(() => {
    const { fit, second } = this.#fitted ?? {};
    if (!fit || !second) return null;
    const made = [classesOf(this.#values, fit, 'quantile'), classesOf(this.#secondValues, second, 'quantile')] as const;
    return made[0] && made[1] ? [made[0], made[1]] : null;
  });

  /** How many regions each of the nine classes of two measures has. */
  readonly pairCounts: number[] = $derived.by(() => {
    const counts = Array.from({ length: SIDE * SIDE }, () => 0);
    for (const { now } of this.cells) {
      const [a, b] = [figure(now, this.judged.measure), figure(now, this.second.measure)];
      if (!this.pair || a === null || b === null || isFew(now, this.judged) || isFew(now, this.second)) continue;
      const index = bivariateClass(this.pair, a, b);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    return counts;
  });

  /** What the largest circle, pie or bar stands for. */
  get most(): number {
    return this.#fitted?.most ?? 1;
  }

  /** Whether figures of regions may be added up at all: no averages, no shares. */
  readonly addsUp: boolean = $derived.by(() => {
    const known = this.#session.model.value?.measures.find(({ id }) => id === this.judged.measure);
    return known !== undefined && known.additivity !== 'nowhere';
  });

  /** The least that a dot can stand for. */
  readonly leastPer: number = $derived.by(() => leastPer(this.#values));

  /** What a dot stands for. */
  get per(): number {
    return Math.max(this.#session.screen.look.per ?? this.#fitted?.per ?? 1, this.leastPer);
  }

  /** How many dots there are, and how many regions have a figure but none. */
  readonly dots: { drawn: number; without: number } = $derived.by(() => ({
    drawn: this.#values.reduce((sum, value) => sum + dotsOf(value, this.per), 0),
    without: this.#values.filter((value) => value !== 0 && dotsOf(value, this.per) === 0).length,
  }));

  /** The colours of a smoothed picture, from little to much. */
  readonly heatColours: string[] = $derived.by(() => {
    const chosen = PALETTES.find(({ name }) => name === this.#session.screen.look.palette);
    const palette = paletteOf(chosen && !chosen.diverging ? chosen.name : null, false);
    const colours = palette[this.#session.preferences.theme];
    return Array.from({ length: HEAT_COLOURS }, (_, index) =>
      along(colours, HEAT_FROM + ((1 - HEAT_FROM) * index) / (HEAT_COLOURS - 1)),
    );
  });

  /** Whether the values lie on two sides of something. */
  get turns(): boolean {
    return (this.fit?.turn ?? null) !== null;
  }

  readonly palette: Palette = $derived.by(() => paletteOf(this.#session.screen.look.palette, this.turns));

  /** The classes that stay while the others fade; none means all. */
  get only(): readonly number[] {
    const { look } = this.#session.screen;
    if (look.form === 'bivariate') return look.only.filter((index) => index < SIDE * SIDE);
    if (!this.hasClasses || look.method === 'continuous') return [];
    return look.only.filter((index) => index < (this.classes?.counts.length ?? 0));
  }

  /** The colour of each class. */
  readonly colours: string[] = $derived.by(() => {
    const { theme } = this.#session.preferences;
    if (this.#session.screen.look.form === 'bivariate') return bivariateColours(theme);
    return this.classes ? coloursOf(this.palette, this.classes, theme) : [];
  });

  /** How many regions have a figure of too little to be judged. */
  readonly few: number = $derived.by(
    () => this.cells.filter(({ now }) => isFew(now, this.judged) || (this.pair && isFew(now, this.second))).length,
  );

  /** The days that the classes were made of, where others are shown; null where they fit what is shown. */
  get keptFrom(): Days | null {
    const { days } = this.#fitted ?? { days: null };
    const { look } = this.#session.screen;
    const isTyped = look.form === 'dots' ? look.per !== null : look.form === 'heat';
    if (!days || isTyped || (this.hasClasses && (look.held || look.method === 'manual'))) return null;
    const shown = this.#days;
    return days.from === shown?.from && days.to === shown.to ? null : days;
  }

  /** How bounds are written: all of them alike. */
  get scale(): Scale {
    return this.#scaleOf(this.classes, this.unit);
  }

  /** A bound without its unit. */
  written = (bound: number | undefined): string => this.#session.format.scaled(bound ?? null, this.unit, this.scale);

  /** A bound of the second measure without its unit. */
  writtenSecond = (bound: number | undefined): string => {
    const unit = this.#session.unitOf(this.second.measure);
    return this.#session.format.scaled(bound ?? null, unit, this.#scaleOf(this.pair?.[1] ?? null, unit));
  };

  /** The unit that bounds are written in. */
  get unitText(): string {
    return this.#session.format.unit(this.unit, this.scale);
  }

  /** The unit of the bounds of the second measure. */
  get secondUnitText(): string {
    const unit = this.#session.unitOf(this.second.measure);
    return this.#session.format.unit(unit, this.#scaleOf(this.pair?.[1] ?? null, unit));
  }

  /** What a bound written as 1 stands for. */
  get factor(): number {
    return this.#session.format.factor(this.unit, this.scale);
  }

  /** From where to where a class goes, with the unit; of two measures, of both. */
  classText = (index: number): string => {
    const span = (bounds: readonly number[] | undefined, at: number, written: (bound?: number) => string) =>
      this.#session.say('legend.span', { from: written(bounds?.[at]), to: written(bounds?.[at + 1]) });
    if (!this.pair) return `${span(this.classes?.bounds, index, this.written)} ${this.unitText}`.trim();
    const [first, second] = this.pair;
    return this.#session.say('legend.pair', {
      first: this.#session.measureName(this.judged.measure),
      a: `${span(first.bounds, index % SIDE, this.written)} ${this.unitText}`.trim(),
      second: this.#session.measureName(this.second.measure),
      b: `${span(second.bounds, Math.floor(index / SIDE), this.writtenSecond)} ${this.secondUnitText}`.trim(),
    });
  };

  get unit(): MeasureUnit {
    return this.#session.unitOf(this.judged.measure);
  }

  /** Makes the classes of what is shown. */
  refit = (): void => {
    this.#anew += 1;
  };

  /** Gives the paint of figures. */
  readonly paintOf: (values: Values) => Paint = $derived.by(() => {
    const { look } = this.#session.screen;
    const { theme } = this.#session.preferences;
    if (look.form === 'bivariate')
      return pairPainter([this.judged, this.second], this.pair ?? [null, null], this.colours, this.only);
    if (!this.hasClasses) return plainPainter(this.judged, theme);
    return painter(this.judged, {
      classes: this.classes,
      palette: this.palette,
      theme,
      continuous: look.method === 'continuous',
      only: this.only,
    });
  });

  /** The paint of every region that the map draws, by level and key. */
  readonly paints: ReadonlyMap<Level, ReadonlyMap<string, Paint>> = $derived.by(() => {
    const { look } = this.#session.screen;
    const plain = plainPainter(this.judged, this.#session.preferences.theme);
    const paintOf = look.form === 'hexagons' ? plain : this.paintOf;
    const made = new Map<Level, Map<string, Paint>>();
    for (const cell of this.#figures.areaCells) {
      if (!made.has(cell.level)) made.set(cell.level, new Map());
      made.get(cell.level)?.set(cell.key, paintOf(cell.now));
    }
    return made;
  });

  /** Whether the map draws a cell as one that the chosen classes leave out. */
  fades = (cell: RegionCell): boolean => this.paints.get(cell.level)?.get(cell.key)?.faded ?? false;

  #judgedBy(measure: Measure): Judged {
    const { look } = this.#session.screen;
    const known = this.#session.model.value?.measures.find(({ id }) => id === measure);
    // What shows no ratios judges none.
    return isOfSums(look) ? { measure, least: null } : judgedBy(known, measure, look);
  }

  #fit(values: readonly number[]): Fit | null {
    const { look } = this.#session.screen;
    const chosen = PALETTES.find(({ name }) => name === look.palette);
    return fitted(values, { ...look, turns: chosen ? chosen.diverging : isTwoSided(values) });
  }

  /** Three classes, for two measures at once. */
  #third(values: readonly number[]): Fit | null {
    return fitted(values, { method: 'quantile', count: SIDE, breaks: [], turns: false });
  }

  /** What the figures are of, but for the time. */
  get #subject(): string {
    const hexagons = this.#session.screen.look.form === 'hexagons' ? this.#forms.hexagons.value : null;
    if (!hexagons) return this.#figures.subject;
    const { answer, question, resolution } = hexagons;
    return JSON.stringify([resolution, answer.version, answer.currency, withoutTime(question)]);
  }

  get #days(): Days | null {
    return this.#figures.days;
  }

  #scaleOf(classes: Classes | null, unit: MeasureUnit): Scale {
    const bounds = classes?.bounds ?? [];
    return this.#session.format.legendScale(bounds[Math.floor(bounds.length / 2)] ?? 0, unit);
  }
}

export const startPainting = (session: Session, figures: Figures, forms: Forms): Painting =>
  setContext(CONTEXT, new Painting(session, figures, forms));

export const usePainting = (): Painting => getContext<Painting>(CONTEXT);
