// The figures of the screen: every question it has open, and the answers as cells.

import { getContext, setContext, untrack } from 'svelte';
import * as api from '../api/client';
import type { Account, Answer, Box, Measure, Model, Question, Region } from '../api/wire';
import { namesakes, regionCells, type RegionCell, type Values } from '../view/answer';
import { areaGroups, coveredCountries, draws, mapLevel, tableLevel, type AreaGroup, type Place } from '../view/areas';
import { isOwn, levelOf, stateOf, UNASSIGNED, type Level, type RegionRef } from '../view/levels';
import { measuresFor } from '../view/look';
import {
  byMonth,
  byRegion,
  measuresOf,
  ranked,
  scopeBefore,
  scopeOf,
  tableQuestion,
  withoutLevel,
  withoutTime,
  type Scope,
} from '../view/question';
import type { Days } from '../view/period';
import type { Branch } from '../view/rows';
import { secondScope } from '../view/second';
import { sitesQuestion, tilesIn, type MeantSites } from '../view/sites';
import { Ahead } from './ahead';
import { resource, Resource, type Load } from './resource.svelte';
import { askSites } from './sites';
import type { Ask } from '../view/screen';
import type { Session } from './session.svelte';

const CONTEXT = Symbol('figures');

/** An answer with the one of the year before, asked together so that they are shown together. */
interface Pair {
  question: Question;
  at: RegionRef | null;
  level: Level;
  now: Answer;
  before: Answer | null;
}

export class Figures {
  readonly #session: Session;
  readonly #ahead = new Ahead();
  readonly home: Resource<null>;
  readonly region: Resource<Region>;
  readonly table: Resource<Pair>;
  readonly areas: Resource<Pair>;
  readonly series: Resource<Answer>;
  readonly categories: Resource<Answer>;
  readonly opened: Resource<Branch[]>;
  readonly account: Resource<Account>;
  /** The address of the tiles of all customers. */
  readonly everybody: Resource<string>;
  /** The customers that the filters mean, when only these are wanted on the map. */
  readonly meant = new Resource<MeantSites>();
  readonly world: Resource<Box | null>;
  /** What tells regions of the same name apart, such as `Landkreis`, by level and key. */
  readonly kinds: Resource<ReadonlyMap<string, string>>;

  constructor(session: Session) {
    this.#session = session;
    this.region = resource(() => this.#regionLoad(session.screen.ask.at));
    this.home = resource(() => (session.homeless ? this.#with((model) => this.#homeLoad(model)) : null));
    this.table = resource(() => (this.ready ? this.#pairLoad('table', this.tableLevel) : undefined));
    this.areas = resource(() => {
      if (!this.ready) return undefined;
      const needed = session.screen.shown.area && this.mapLevel !== this.tableLevel;
      return needed ? this.#pairLoad('areas', this.mapLevel) : null;
    });
    this.series = resource(() =>
      this.#settled((model, scope) => this.#cubeLoad(byMonth(this.#measures(model), scope))),
    );
    this.categories = resource(() =>
      this.#settled((_model, scope) => {
        return this.#cubeLoad(byCategory(session.screen.ask.measure, scope));
      }),
    );
    this.opened = resource(() => this.#openedLoad());
    this.account = resource(() => this.#accountLoad());
    this.world = resource(() => this.#worldLoad());
    this.kinds = resource(() => this.#kindsLoad());
    this.everybody = resource(() => this.#everybodyLoad());
    $effect(() => {
      const wanted = this.#meantWanted;
      if (wanted === undefined) return;
      const load = wanted === null ? null : this.#meantLoad(wanted);
      return untrack(() => this.meant.requestAfter(load ? PAUSE_MS : 0, load));
    });
  }

  /** The question of `meant` as text, so that what leaves it the same asks nothing; null for everybody. */
  readonly #meantWanted: string | null | undefined = $derived.by(() => {
    const { screen, model, homeless } = this.#session;
    if (!screen.onlyMeant || !screen.shown.sites) return null;
    if (!model.value || homeless) return undefined;
    const question = sitesQuestion(screen.ask, model.value);
    return question && `${model.value.version} ${JSON.stringify(question)}`;
  });

  /** A region's name in the reader's language, with its kind where another one is called the same. */
  nameOf({ level, key, name }: { level: Level; key: string; name: string }): string {
    const kind = this.kinds.value?.get(`${level}:${key}`);
    if (kind) return `${name}, ${stateOf(key) ?? this.#session.kindOf(kind)}`;
    return this.#session.nameOf(level, key, name);
  }

  /** The region drilled into, once it is known. */
  get place(): Place | null {
    const { at } = this.#session.screen.ask;
    const region = this.region.value;
    if (!at || !region || region.key !== at.key || levelOf(region.level) !== at.level) return null;
    return { region: at, child: levelOf(region.child_level) };
  }

  /** Whether it is known what to ask for: the model, and the region drilled into. */
  get ready(): boolean {
    const settled = !this.#session.screen.ask.at || this.place !== null;
    return this.#session.model.value !== null && settled && !this.#session.homeless;
  }

  get tableLevel(): Level {
    return tableLevel(this.#session.screen.ask, this.place);
  }

  get mapLevel(): Level {
    return mapLevel(this.#session.screen.ask, this.place, this.#session.zoom);
  }

  /** What the table shows with its opened branches, to be asked again as a file. */
  get question(): Question | null {
    const { model, screen } = this.#session;
    if (!model.value || !this.ready) return null;
    const scope = scopeOf(screen.ask, model.value);
    return tableQuestion(this.tableLevel, screen.ask.measure, this.branches, { model: model.value, scope });
  }

  readonly tableCells: RegionCell[] = $derived.by(() => cellsOf(this.table.value));

  readonly total: { now: Values; before: Values | null } | null = $derived.by(() => {
    const pair = this.table.value;
    return pair && { now: pair.now.total, before: pair.before?.total ?? null };
  });

  readonly branches: Branch[] = $derived.by(() => {
    const loaded = this.opened.value ?? [];
    return this.#session.screen.ask.opened.map(
      (region) =>
        loaded.find((branch) => branch.region.key === region.key && branch.region.level === region.level) ?? {
          region,
          child: null,
          cells: null,
        },
    );
  });

  /** The answer that the map's base level shows; the one before while the new one loads. */
  readonly #base: Pair | null = $derived.by(() =>
    this.mapLevel === this.tableLevel ? this.table.value : (this.areas.value ?? this.table.value),
  );

  readonly groups: AreaGroup[] = $derived.by(() => {
    if (!this.#base) return [];
    const base = this.#base.level;
    const covered = coveredCountries(cellsOf(this.#base));
    return areaGroups(this.#base.at, base, this.branches, covered);
  });

  /** The cells that the map draws. */
  readonly areaCells: RegionCell[] = $derived.by(() => {
    const known = [...cellsOf(this.#base), ...this.branches.flatMap(({ cells }) => cells ?? [])];
    if (this.#base !== this.table.value) known.push(...this.tableCells);
    const drawn = known.filter((cell) => this.groups.some((group) => draws(group, cell)));
    return [...new Map(drawn.map((cell) => [`${cell.level}:${cell.key}`, cell])).values()];
  });

  /**
   * What the map's figures are of, as text: all that was asked but the time. Figures that are of the same
   * at other times can be compared.
   */
  get subject(): string {
    const asked = [this.#base, this.table.value].map(
      (pair) => pair && [pair.level, pair.now.version, pair.now.currency, withoutTime(pair.question)],
    );
    const opened = this.branches.filter(({ cells }) => cells).map(({ region }) => region);
    return JSON.stringify([asked, opened]);
  }

  /** The days that the map's figures are of; null for all of them. */
  get days(): Days | null {
    const filter = this.#base?.question.filters?.find((filter) => 'level' in filter && filter.level === 'time.day');
    return filter && 'from' in filter ? { from: filter.from, to: filter.to } : null;
  }

  /** The box that the map fits: the region drilled into, or the countries that have figures. */
  get extent(): { id: string; bounds: Box } | null {
    const { at } = this.#session.screen.ask;
    const bounds = at ? (this.place ? this.region.value?.bounds : null) : this.world.value;
    return bounds ? { id: at ? `${at.level}:${at.key}` : 'world', bounds } : null;
  }

  /** Whether what is shown answers an older question. */
  get stale(): boolean {
    return this.table.loading || this.areas.loading;
  }

  #measures(model: Model) {
    const { ask, look } = this.#session.screen;
    return measuresOf(ask.measure, model, measuresFor(look));
  }

  #with<T>(make: (model: Model, scope: Scope) => Load<T> | null): Load<T> | null | undefined {
    const model = this.#session.model.value;
    if (!model) return undefined;
    return model.lines > 0 ? make(model, scopeOf(this.#session.screen.ask, model)) : null;
  }

  #settled<T>(make: (model: Model, scope: Scope) => Load<T>): Load<T> | null | undefined {
    return this.ready ? this.#with(make) : undefined;
  }

  /** Where an address without a place starts: the country that has most of the customers, else the world. */
  #homeLoad(model: Model): Load<null> {
    const question: Question = { measures: ['customers'], rows: ['region.country'] };
    return {
      id: this.#id(question),
      load: async (signal) => {
        this.#session.settle(homeOf(await api.cube(question, signal), model));
        return null;
      },
    };
  }

  #cubeLoad(question: Question): Load<Answer> {
    return { id: this.#id(question), load: (signal) => this.cube(question, signal) };
  }

  /** The answer to a question, which may have been asked for ahead. */
  readonly cube = (question: Question, signal: AbortSignal): Promise<Answer> =>
    this.#ahead.get(this.#id(question)) ?? api.cube(question, signal);

  /** The questions that together give the regions of the map and the table in a scope, by the level of their rows. */
  regionQuestions(scope: Scope, measure: Measure): { level: Level; question: Question }[] {
    const model = this.#session.model.value;
    if (!model) return [];
    const measures = measuresOf(measure, model, measuresFor(this.#session.screen.look));
    const levels = new Set([this.tableLevel, ...(this.#session.screen.shown.area ? [this.mapLevel] : [])]);
    return [
      ...[...levels].map((level) => ({ level, question: byRegion(level, measures, scope) })),
      ...this.branches.flatMap(({ region, child }) =>
        child ? [{ level: child, question: byBranch(region, child, measures, scope) }] : [],
      ),
    ];
  }

  /** Asks ahead for the figures that the screen will show when it asks this. */
  prepare(ask: Ask): void {
    const model = this.#session.model.value;
    if (!model || !this.ready) return;
    const { second } = this.#session.screen;
    const scope = scopeOf(ask, model);
    const other = second && secondScope(ask, second, model);
    const regions = [
      ...[scope, scopeBefore(scope, model)].flatMap((at) => (at ? this.regionQuestions(at, ask.measure) : [])),
      ...(other ? this.regionQuestions(other, second.measure ?? ask.measure) : []),
    ].map(({ question }) => question);
    for (const question of [...regions, byCategory(ask.measure, scope)])
      this.#ahead.prepare(this.#id(question), () => api.cube(question));
  }

  #id(question: unknown): string {
    return `${this.#session.model.value?.version ?? ''} ${JSON.stringify(question)}`;
  }

  #pairLoad(name: string, level: Level): Load<Pair> | null | undefined {
    return this.#with((model, scope) => {
      const question = byRegion(level, this.#measures(model), scope);
      const before = scopeBefore(scope, model);
      return {
        id: this.#id([name, question]),
        load: (signal) =>
          this.#askPair(
            level,
            question,
            before && byRegion(level, this.#measures(model), before),
            scope.region,
            signal,
          ),
      };
    });
  }

  #regionLoad(at: RegionRef | null): Load<Region> | null {
    return at && { id: `${at.level}:${at.key}`, load: (signal) => api.region(at.level, at.key, signal) };
  }

  #openedLoad(): Load<Branch[]> | null | undefined {
    return this.#with((model, scope) => {
      const { opened } = this.#session.screen.ask;
      const before = scopeBefore(scope, model);
      if (opened.length === 0) return null;
      return {
        id: this.#id([opened, scope, this.#measures(model)]),
        load: (signal) => Promise.all(opened.map((region) => this.#branch(region, scope, before, model, signal))),
      };
    });
  }

  #kindsLoad(): Load<ReadonlyMap<string, string>> | null | undefined {
    if (!this.table.value) return undefined;
    const cells = [...this.tableCells, ...this.branches.flatMap(({ cells }) => cells ?? [])];
    const all = namesakes(cells);
    // The key itself tells the state of those abroad.
    const abroad = all.filter(({ key }) => stateOf(key));
    const twins = all.filter(({ key }) => !stateOf(key)).slice(0, MOST_NAMESAKES);
    if (all.length === 0) return null;
    return {
      id: [...twins, ...abroad].map(({ level, key }) => `${level}:${key}`).join(),
      load: async (signal) => {
        const regions = await Promise.all(twins.map(({ level, key }) => api.region(level, key, signal)));
        return new Map([
          ...abroad.map(({ level, key }): [string, string] => [`${level}:${key}`, stateOf(key) ?? '']),
          ...regions.map(({ level, key, kind }): [string, string] => [`${levelOf(level) ?? ''}:${key}`, kind]),
        ]);
      },
    };
  }

  #accountLoad(): Load<Account> | null | undefined {
    const { screen, model } = this.#session;
    if (screen.kind !== 'account') return null;
    const key = screen.account;
    return model.value && { id: `${model.value.version} ${key}`, load: (signal) => api.account(key, signal) };
  }

  #worldLoad(): Load<Box | null> | null | undefined {
    const { at } = this.#session.screen.ask;
    if (this.#session.homeless || this.#session.model.value?.lines === 0) return null;
    if (at || this.table.value?.at !== null || this.table.value.level !== 'country') return undefined;
    const keys = this.tableCells
      .map(({ key }) => key)
      .filter((key) => key !== UNASSIGNED)
      .slice(0, MOST_COUNTRIES);
    return { id: keys.join(), load: (signal) => boundsOf(keys, signal) };
  }

  #everybodyLoad(): Load<string> | undefined {
    const version = this.#session.model.value?.version;
    if (version === undefined) return undefined;
    return {
      id: version,
      load: async (signal) => tilesIn(await api.tileJson(api.tilesOf('sites', version), signal)),
    };
  }

  #meantLoad(wanted: string): Load<MeantSites> {
    const question = JSON.parse(wanted.slice(wanted.indexOf(' '))) as Question;
    return { id: wanted, load: (signal) => askSites(question, signal) };
  }

  async #branch(
    region: RegionRef,
    scope: Scope,
    before: Scope | null,
    model: Model,
    signal: AbortSignal,
  ): Promise<Branch> {
    const child = levelOf((await api.region(region.level, region.key, signal)).child_level);
    if (!child) return { region, child, cells: [] };
    const measures = this.#measures(model);
    const asked = (outer: Scope) => byBranch(region, child, measures, outer);
    const pair = await this.#askPair(child, asked(scope), before && asked(before), region, signal);
    return { region, child, cells: cellsOf(pair) };
  }

  async #askPair(
    level: Level,
    question: Question,
    earlier: Question | null,
    at: RegionRef | null,
    signal: AbortSignal,
  ): Promise<Pair> {
    const asked = [this.cube(question, signal), earlier && this.cube(earlier, signal)] as const;
    const [now, before] = await Promise.all(asked);
    return { question, at, level, now, before };
  }
}

/** The children of a region that is opened in the table. */
function byBranch(region: RegionRef, child: Level, measures: Measure[], outer: Scope): Question {
  const within = outer.region && isOwn(outer.region.level) ? outer.region : null;
  return byRegion(child, measures, { ...outer, region, within });
}

const byCategory = (measure: Measure, scope: Scope): Question =>
  ranked('product.category', measure, [measure], withoutLevel(scope, 'product.category'));

export const startFigures = (session: Session): Figures => setContext(CONTEXT, new Figures(session));

export const useFigures = (): Figures => getContext<Figures>(CONTEXT);

/** Regions of the same name whose kind is asked for. */
const MOST_NAMESAKES = 80;

/** Countries whose bounds are asked for to fit the world. */
const MOST_COUNTRIES = 40;

/** How long filters rest before the map asks for their customers, in milliseconds. */
const PAUSE_MS = 150;

async function boundsOf(countries: string[], signal: AbortSignal): Promise<Box | null> {
  const regions = await Promise.all(countries.map((key) => api.region('country', key, signal)));
  const boxes = regions.map(({ bounds }) => bounds).filter((bounds) => bounds !== null);
  const [first, ...rest] = boxes;
  return first
    ? rest.reduce<Box>(
        (all, box) => [
          Math.min(all[0], box[0]),
          Math.min(all[1], box[1]),
          Math.max(all[2], box[2]),
          Math.max(all[3], box[3]),
        ],
        first,
      )
    : null;
}

const cellsOf = (pair: Pair | null): RegionCell[] => (pair ? regionCells(pair.level, pair.now, pair.before) : []);

function homeOf(answer: Answer, model: Model): RegionRef | null {
  const counted = answer.rows.map(([key, customers]) => ({ key: String(key), customers: Number(customers) }));
  const [first] = counted.filter(({ key }) => key !== UNASSIGNED).sort((a, b) => b.customers - a.customers);
  const most = first !== undefined && first.customers >= 0.6 * Math.min(model.accounts, answer.total.customers ?? 0);
  return most ? { level: 'country', key: first.key } : null;
}
