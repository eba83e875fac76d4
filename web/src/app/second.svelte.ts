// The figures of the second map, and how they are painted.

import type { Answer, Measure } from '../api/wire';
import { regionCells, type RegionCell, type Values } from '../view/answer';
import { draws } from '../view/areas';
import { classesOf, fitted, isTwoSided, type Classes } from '../view/classes';
import { NO_SIGNS, type Signs } from '../map/scene';
import type { Level } from '../view/levels';
import { judgedBy, painter, valuesOf, type Paint } from '../view/paint';
import { coloursOf, paletteOf, PALETTES } from '../view/palettes';
import type { Days } from '../view/period';
import type { Scope } from '../view/question';
import { signsOf } from '../view/signs';
import { secondScope, type Second } from '../view/second';
import type { Figures } from './figures.svelte';
import type { Forms } from './forms.svelte';
import type { Painting } from './painting.svelte';
import { circlesOf, dotSigns, figuresOf } from './signs.svelte';
import { resource, type Resource } from './resource.svelte';
import type { Session } from './session.svelte';

interface Part {
  level: Level;
  answer: Answer;
}

export class SecondFigures {
  readonly #session: Session;
  readonly #figures: Figures;
  readonly #painting: Painting;
  readonly #forms: Forms;
  readonly parts: Resource<Part[]>;

  constructor(session: Session, figures: Figures, painting: Painting, forms: Forms) {
    this.#forms = forms;
    this.#session = session;
    this.#figures = figures;
    this.#painting = painting;
    this.parts = resource(() => {
      const { scope } = this;
      const model = session.model.value;
      if (!model || !figures.ready || scope === undefined) return undefined;
      if (scope === null || model.lines === 0) return null;
      const asked = figures.regionQuestions(scope, this.measure);
      return {
        id: `${model.version} ${JSON.stringify(asked)}`,
        load: (signal) =>
          Promise.all(
            asked.map(async ({ level, question }) => ({ level, answer: await figures.cube(question, signal) })),
          ),
      };
    });
  }

  get #second(): Second | null {
    return this.#session.screen.second;
  }

  get measure(): Measure {
    return this.#second?.measure ?? this.#session.screen.ask.measure;
  }

  /** Null where the figures do not reach back that far; undefined while that is not known. */
  get scope(): Scope | null | undefined {
    const model = this.#session.model.value;
    return model && this.#second ? secondScope(this.#session.screen.ask, this.#second, model) : undefined;
  }

  get days(): Days | null {
    return this.scope?.days ?? null;
  }

  readonly cells: RegionCell[] = $derived.by(() => {
    const known = (this.parts.value ?? []).flatMap(({ level, answer }) => regionCells(level, answer, null));
    const drawn = known.filter((cell) => this.#figures.groups.some((group) => draws(group, cell)));
    return [...new Map(drawn.map((cell) => [`${cell.level}:${cell.key}`, cell])).values()];
  });

  /** Whether it is drawn as the first map is, so that the two compare. */
  get alike(): boolean {
    const { ask, look } = this.#session.screen;
    return this.measure === ask.measure && ['area', 'bivariate', 'circles', 'dots'].includes(look.form);
  }

  /** Another measure has classes of its own, and so has a form that is drawn on the first map alone. */
  readonly own: { classes: Classes; colours: string[]; paint: (values: Values) => Paint } | null = $derived.by(() => {
    const { look } = this.#session.screen;
    if (this.alike) return null;
    const word = this.#session.model.value?.measures.find(({ id }) => id === this.measure);
    const judged = judgedBy(word, this.measure, look);
    const values = valuesOf(this.cells, judged);
    // Bounds that were typed are of the other measure.
    const method = look.method === 'manual' ? 'quantile' : look.method;
    const chosen = PALETTES.find(({ name }) => name === look.palette);
    const turns = chosen ? chosen.diverging : isTwoSided(values);
    const fit = fitted(values, { method, count: look.count, breaks: [], turns });
    const classes = fit && classesOf(values, fit, method);
    if (!classes) return null;
    const { theme } = this.#session.preferences;
    const palette = paletteOf(look.palette, fit.turn !== null);
    const paint = painter(judged, { classes, palette, theme, continuous: method === 'continuous', only: [] });
    return { classes, colours: coloursOf(palette, classes, theme), paint };
  });

  /** What stands on the regions, as large as on the first map. */
  readonly signs: Signs = $derived.by(() => {
    const { look, shown } = this.#session.screen;
    if (!this.alike || !shown.area) return NO_SIGNS;
    const signs = signsOf(this.cells, this.#painting.judged, this.#forms.anchorOf);
    return {
      ...NO_SIGNS,
      circles: look.form === 'circles' ? circlesOf(signs, this.#painting.most) : NO_SIGNS.circles,
      dots:
        look.form === 'dots' && this.#painting.addsUp
          ? dotSigns(signs, this.#painting.per, this.#forms)
          : NO_SIGNS.dots,
      figures: look.figures ? figuresOf(signs, this.#painting.written) : NO_SIGNS.figures,
    };
  });

  readonly paints: ReadonlyMap<Level, ReadonlyMap<string, Paint>> = $derived.by(() => {
    const paintOf = this.own?.paint ?? this.#painting.paintOf;
    const made = new Map<Level, Map<string, Paint>>();
    for (const cell of this.cells) {
      if (!made.has(cell.level)) made.set(cell.level, new Map());
      made.get(cell.level)?.set(cell.key, paintOf(cell.now));
    }
    return made;
  });
}
