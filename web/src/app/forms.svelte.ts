// What the map's other forms need besides the figures of regions: where they stand, the figures of
// hexagons, and the parts of each region.

import { getContext, setContext } from 'svelte';
import * as api from '../api/client';
import type { Answer, Model, Position, Problem, Question } from '../api/wire';
import { cellsOf, figure, type Cell, type RegionCell } from '../view/answer';
import { byHexagon, resolutionAt } from '../view/hexagons';
import { cubeLevel, UNASSIGNED, type Level } from '../view/levels';
import { DotField } from '../view/dots';
import type { Piece } from '../view/land';
import { measuresFor, standsOn } from '../view/look';
import { outlinesOf } from '../view/outline';
import { partsOf, type Parts } from '../view/parts';
import { asked, measuresOf, scopeOf, type Scope } from '../view/question';
import { sitesIn, type MeantSites } from '../view/sites';
import type { Figures } from './figures.svelte';
import { Land } from './land';
import { resource, type Load, type Resource } from './resource.svelte';
import type { Session } from './session.svelte';
import { askSites } from './sites';

const CONTEXT = Symbol('forms');

/** Regions that are drawn as pies or bars; more would hide each other. */
export const MOST_GLYPHS = 500;

/** The figures of hexagons, with what was asked. */
export interface Hexagons {
  resolution: number;
  question: Question;
  answer: Answer;
  cells: Cell[];
  /** The outline of each cell. */
  rings: ReadonlyMap<string, Position[]>;
  /** The figures of what has no position. */
  unplaced: Cell | null;
}

export class Forms {
  readonly #session: Session;
  readonly #figures: Figures;
  /** A point inside each region, by level and key. */
  readonly #anchors: Resource<ReadonlyMap<string, Position>>;
  readonly hexagons: Resource<Hexagons>;
  readonly parts: Resource<Parts>;
  /** The customers that are smoothed into a picture: those of the region that have sales in the days and filters. */
  readonly heat: Resource<MeantSites>;
  /** The land of each region that has a figure, by level and key. */
  readonly land: Resource<ReadonlyMap<string, readonly Piece[]>>;
  /** Where dots lie on it. */
  readonly field = new DotField();
  #lands: { version: string; of: Map<Level, Land> } = { version: '', of: new Map() };

  constructor(session: Session, figures: Figures) {
    this.#session = session;
    this.#figures = figures;
    this.#anchors = resource(() => this.#anchorsLoad());
    this.hexagons = resource(() => this.#hexagonsLoad());
    this.parts = resource(() => this.#partsLoad());
    this.heat = resource(() => this.#heatLoad());
    this.land = resource(() => this.#landLoad());
  }

  /** Where what is told of a region stands; null while that is not known. */
  anchorOf = ({ level, key }: { level: Level; key: string }): Position | null =>
    this.#anchors.value?.get(`${level}:${key}`) ?? null;

  /** Why what is wanted cannot be drawn. */
  get problem(): Problem | null {
    return (
      this.#anchors.problem ?? this.hexagons.problem ?? this.parts.problem ?? this.heat.problem ?? this.land.problem
    );
  }

  retry = (): void => {
    for (const one of [this.#anchors, this.hexagons, this.parts, this.heat, this.land]) if (one.problem) one.retry();
  };

  /** Whether what is drawn answers an older question. */
  get stale(): boolean {
    return this.hexagons.loading || this.parts.loading || this.heat.loading || this.land.loading;
  }

  /** The regions that pies and bars are of: those with the greatest figures. */
  readonly greatest: readonly RegionCell[] = $derived.by(() => {
    const { measure } = this.#session.screen.ask;
    const size = (cell: RegionCell) => Math.abs(figure(cell.now, measure) ?? 0);
    const sorted = [...this.#figures.areaCells].sort((a, b) => size(b) - size(a));
    return sorted.filter((cell) => size(cell) > 0).slice(0, MOST_GLYPHS);
  });

  get #levels(): Level[] {
    return this.#figures.groups.map(({ level }) => level);
  }

  #anchorsLoad(): Load<ReadonlyMap<string, Position>> | null | undefined {
    const { look, shown } = this.#session.screen;
    const model = this.#session.model.value;
    if (!standsOn(look) || !shown.area) return null;
    const levels = this.#levels;
    if (!model || levels.length === 0) return undefined;
    return {
      id: `${model.version} ${levels.join()}`,
      load: async (signal) => {
        const all = await Promise.all(levels.map((level) => api.anchors(level, signal)));
        return new Map(
          all.flatMap(({ anchors }, index) =>
            Object.entries(anchors).map(([key, at]): [string, Position] => [`${levels[index] ?? ''}:${key}`, at]),
          ),
        );
      },
    };
  }

  #hexagonsLoad(): Load<Hexagons> | null | undefined {
    return this.#asked('hexagons', (model, scope) => {
      const { ask, look } = this.#session.screen;
      const resolution = resolutionAt(this.#session.zoom);
      const question = byHexagon(resolution, measuresOf(ask.measure, model, measuresFor(look)), scope);
      return {
        id: `${model.version} ${JSON.stringify(question)}`,
        load: async (signal) => {
          const answer = await api.cube(question, signal);
          const all = cellsOf(answer, null);
          const unplaced = all.find(({ key }) => key === UNASSIGNED) ?? null;
          const cells = all.filter((cell) => cell !== unplaced);
          const rings = await outlinesOf(cells.map(({ key }) => key));
          return { resolution, question, answer, cells, rings, unplaced };
        },
      };
    });
  }

  #partsLoad(): Load<Parts> | null | undefined {
    return this.#asked('pies', (model, scope) => {
      const { ask, look } = this.#session.screen;
      const questions = this.#levels.flatMap((level) => {
        const keys = this.greatest.filter((cell) => cell.level === level).map(({ key }) => key);
        return keys.length > 0 ? [{ level, question: partsQuestion(level, keys, look.parts, ask.measure, scope) }] : [];
      });
      return {
        id: `${model.version} ${JSON.stringify(questions)}`,
        load: async (signal) => {
          const answers = await Promise.all(questions.map(({ question }) => api.cube(question, signal)));
          return partsOf(answers.map((answer, index) => ({ level: questions[index]?.level ?? 'country', answer })));
        },
      };
    });
  }

  #heatLoad(): Load<MeantSites> | null | undefined {
    return this.#asked('heat', (model, scope) => {
      const question = sitesIn(scope, this.#session.screen.ask.measure, model);
      return { id: `${model.version} ${JSON.stringify(question)}`, load: (signal) => askSites(question, signal) };
    });
  }

  #landLoad(): Load<ReadonlyMap<string, readonly Piece[]>> | null | undefined {
    const { look, shown } = this.#session.screen;
    if (look.form !== 'dots' || !shown.area) return null;
    const { model } = this.#session;
    if (!model.value || !this.#anchors.value) return undefined;
    const { version } = model.value;
    const regions = this.#figures.areaCells.flatMap(({ level, key }) => {
      const anchor = this.anchorOf({ level, key });
      return anchor ? [{ level, key, anchor }] : [];
    });
    return {
      id: `${version} ${regions.map(({ level, key }) => `${level}:${key}`).join()}`,
      load: async () =>
        new Map(
          await Promise.all(
            regions.map(async ({ level, key, anchor }): Promise<[string, Piece[]]> => {
              return [`${level}:${key}`, await this.#landOf(level, version).piecesOf(key, anchor)];
            }),
          ),
        ),
    };
  }

  #landOf(level: Level, version: string): Land {
    if (this.#lands.version !== version) this.#lands = { version, of: new Map() };
    const land = this.#lands.of.get(level) ?? new Land(level, version);
    this.#lands.of.set(level, land);
    return land;
  }

  #asked<T>(form: string, make: (model: Model, scope: Scope) => Load<T>): Load<T> | null | undefined {
    const { screen, model } = this.#session;
    if (screen.look.form !== form || !screen.shown.area || model.value?.lines === 0) return null;
    return this.#figures.ready && model.value ? make(model.value, scopeOf(screen.ask, model.value)) : undefined;
  }
}

const partsQuestion = (level: Level, keys: string[], parts: string, measure: string, scope: Scope): Question => {
  const { filters = [], ...rest } = asked(scope);
  return {
    measures: [measure],
    rows: [cubeLevel(level), parts],
    ...rest,
    filters: [...filters, { level: cubeLevel(level), in: keys }],
  };
};

export const startForms = (session: Session, figures: Figures): Forms =>
  setContext(CONTEXT, new Forms(session, figures));

export const useForms = (): Forms => getContext<Forms>(CONTEXT);
