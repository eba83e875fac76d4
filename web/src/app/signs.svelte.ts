// What stands on the regions of the map, from their figures.

import {
  NO_SIGNS,
  type CircleSign,
  type DotSigns,
  type FigureSign,
  type Glyph,
  type HexagonSign,
  type Signs,
} from '../map/scene';
import { figure } from '../view/answer';
import { dotsOf } from '../view/dots';
import { isGlyph } from '../view/look';
import { BAR_COLOURS, PART_COLOURS } from '../view/palettes';
import { rootOf, signsOf, type Sign } from '../view/signs';
import type { Figures } from './figures.svelte';
import type { Forms } from './forms.svelte';
import type { Painting } from './painting.svelte';
import type { Session } from './session.svelte';

/** Circles of values, of which the largest stands for `most`. */
export const circlesOf = (signs: readonly Sign[], most: number): CircleSign[] =>
  signs.map(({ position, value }) => ({ position, root: rootOf(value, most), negative: value < 0 }));

/** Values as they are written. */
export const figuresOf = (signs: readonly Sign[], written: (value: number) => string): FigureSign[] =>
  signs.map(({ position, value }, order) => ({ position, text: written(value), order }));

/** Dots on the land of regions, of which each stands for `per`. */
export function dotSigns(signs: readonly Sign[], per: number, { land, field }: Forms): DotSigns {
  const at = (chosen: readonly Sign[]) =>
    chosen.flatMap(({ level, key, value }) => {
      const name = `${level}:${key}`;
      return field.positions(name, land.value?.get(name) ?? [], dotsOf(value, per));
    });
  return { above: at(signs.filter(({ value }) => value > 0)), below: at(signs.filter(({ value }) => value < 0)) };
}

export class SignMaker {
  readonly #session: Session;
  readonly #figures: Figures;
  readonly #forms: Forms;
  readonly #painting: Painting;

  constructor(session: Session, figures: Figures, forms: Forms, painting: Painting) {
    this.#session = session;
    this.#figures = figures;
    this.#forms = forms;
    this.#painting = painting;
  }

  /** The regions that can carry something. */
  readonly #signs: Sign[] = $derived.by(() =>
    signsOf(this.#figures.areaCells, this.#painting.judged, this.#forms.anchorOf),
  );

  readonly #circles: readonly CircleSign[] = $derived.by(() => {
    return this.#session.screen.look.form === 'circles'
      ? circlesOf(this.#signs, this.#painting.most)
      : NO_SIGNS.circles;
  });

  readonly #written: readonly FigureSign[] = $derived.by(() => {
    const { look } = this.#session.screen;
    if (!look.figures || isGlyph(look)) return NO_SIGNS.figures;
    return figuresOf(this.#signs, this.#painting.written);
  });

  readonly #dots: DotSigns = $derived.by(() => {
    if (this.#session.screen.look.form !== 'dots' || !this.#painting.addsUp) return NO_SIGNS.dots;
    return dotSigns(this.#signs, this.#painting.per, this.#forms);
  });

  readonly #hexagons: readonly HexagonSign[] = $derived.by(() => {
    const { hexagons } = this.#forms;
    if (!hexagons.value) return NO_SIGNS.hexagons;
    const { rings, cells } = hexagons.value;
    const { paintOf } = this.#painting;
    return cells.flatMap(({ key, now }) => {
      const ring = rings.get(key);
      return ring ? [{ key, ring, paint: paintOf(now) }] : [];
    });
  });

  readonly #pies: readonly Glyph[] = $derived.by(() => {
    const parts = this.#forms.parts.value;
    if (!parts) return NO_SIGNS.glyphs;
    const { most } = this.#painting;
    return this.#signs.flatMap(({ level, key, position, value }): Glyph[] => {
      const values = parts.values.get(`${level}:${key}`) ?? [];
      const whole = values.reduce((sum, value) => sum + value, 0);
      if (whole <= 0) return [];
      const slices = values.map((value, index) => ({ colour: PART_COLOURS[index] ?? '', part: value / whole }));
      return [{ kind: 'pie', position, text: this.#textOf(value), root: rootOf(whole, most), slices }];
    });
  });

  readonly #bars: readonly Glyph[] = $derived.by(() => {
    if (this.#session.screen.look.form !== 'bars') return NO_SIGNS.glyphs;
    const { most, judged } = this.#painting;
    const colours = BAR_COLOURS[this.#session.preferences.theme];
    const drawn = new Map(this.#forms.greatest.map((cell) => [`${cell.level}:${cell.key}`, cell]));
    return this.#signs.flatMap(({ level, key, position, value }): Glyph[] => {
      const cell = drawn.get(`${level}:${key}`);
      if (!cell) return [];
      const heights = [figure(cell.before, judged.measure) ?? 0, value].map((one) => one / most);
      const bars = heights.map((height, at) => ({ height, colour: colours[at] ?? '' }));
      return [{ kind: 'bars', position, text: this.#textOf(value), bars }];
    });
  });

  readonly signs: Signs = $derived.by(() => ({
    circles: this.#shown ? this.#circles : NO_SIGNS.circles,
    figures: this.#shown ? this.#written : NO_SIGNS.figures,
    dots: this.#shown ? this.#dots : NO_SIGNS.dots,
    hexagons: this.#shown ? this.#hexagons : NO_SIGNS.hexagons,
    glyphs: this.#shown ? (this.#session.screen.look.form === 'bars' ? this.#bars : this.#pies) : NO_SIGNS.glyphs,
  }));

  /** The figure below a small chart. */
  #textOf(value: number): string | null {
    return this.#session.screen.look.figures ? this.#painting.written(value) : null;
  }

  get #shown(): boolean {
    return this.#session.screen.shown.area;
  }
}
