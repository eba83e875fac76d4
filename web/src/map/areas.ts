// Areas on the map: which of them are drawn, in which colours, and which is pointed at.

import type * as maplibre from 'maplibre-gl';
import type { Paint } from '../view/paint';
import { ALL_LEVELS, type Level, type RegionRef } from '../view/levels';
import { setFilter, setVisible } from './layer';
import { groupFilter, layersOf, pointedLayer, scopeLayer } from './layers';
import type { Scene } from './scene';

const NO_PAINT: Paint = { colour: null, few: false, faded: false };

export class AreaPainter {
  readonly #map: maplibre.Map;
  #painted = new Map<Level, ReadonlyMap<string, Paint>>();
  #lit: RegionRef | null = null;

  constructor(map: maplibre.Map) {
    this.#map = map;
  }

  /** Forgets what was drawn: the style is new. */
  restart(): void {
    this.#painted.clear();
    this.#lit = null;
  }

  draw(scene: Scene): void {
    for (const level of ALL_LEVELS) this.#drawLevel(level, scene);
    this.#light(scene.pointed);
  }

  #drawLevel(level: Level, scene: Scene): void {
    const group = scene.shown.area ? scene.groups.find((candidate) => candidate.level === level) : undefined;
    const paints = scene.paints.get(level) ?? new Map<string, Paint>();
    for (const id of layersOf(level)) {
      setVisible(this.#map, id, group !== undefined);
      if (group) setFilter(this.#map, id, groupFilter(group, [...paints.keys()]));
    }
    const scoped = scene.scope?.level === level;
    setVisible(this.#map, scopeLayer(level), scoped);
    if (scoped && scene.scope) setFilter(this.#map, scopeLayer(level), ['==', ['get', 'key'], scene.scope.key]);
    setVisible(this.#map, pointedLayer(level), group !== undefined || scene.pointed?.level === level);
    if (group) this.#paint(level, paints);
  }

  #paint(level: Level, paints: ReadonlyMap<string, Paint>): void {
    const before = this.#painted.get(level);
    if (before === paints) return;
    const source = { source: level, sourceLayer: level };
    for (const key of before?.keys() ?? []) {
      if (!paints.has(key)) this.#map.setFeatureState({ ...source, id: key }, NO_PAINT);
    }
    for (const [key, paint] of paints) {
      const old = before?.get(key);
      if (old?.colour !== paint.colour || old.few !== paint.few || old.faded !== paint.faded)
        this.#map.setFeatureState({ ...source, id: key }, { ...paint });
    }
    this.#painted.set(level, paints);
  }

  #light(region: RegionRef | null): void {
    if (this.#lit?.key === region?.key && this.#lit?.level === region?.level) return;
    for (const [which, pointed] of [
      [this.#lit, false],
      [region, true],
    ] as const) {
      if (which)
        this.#map.setFeatureState({ source: which.level, sourceLayer: which.level, id: which.key }, { pointed });
    }
    this.#lit = region;
  }
}
