// A smoothed picture of where customers weigh most. Its colours are fitted to what is in view.

import type * as maplibre from 'maplibre-gl';
import type { Position } from '../api/wire';
import { peakOf, type Weighed } from '../view/heat';
import { setLook, setVisible } from './layer';
import type { Expression, MapLayer } from './layers';
import type { HeatScene } from './scene';
import { TileSwap } from './swap';

export const HEAT = 'heat';

/** How far the weight of a point is spread, in pixels, from afar and near; between the two zooms it grows evenly. */
const FAR = { zoom: 7, radius: 30 };
const NEAR = { zoom: 11, radius: 48 };
/** A peak that is another by less than this part changes no colour. */
const NOTICEABLE = 0.1;
/** The densities, as parts of the greatest, of the six colours: few points are far denser than the others. */
const STEPS = [0.04, 0.1, 0.22, 0.42, 0.7, 1];

/** What the picture is made of: its measure, its colours, and the density of the densest place. */
interface Heat {
  measure: string;
  colours: readonly string[];
  peak: number;
}

/** The layer of the picture, which shows nothing before it is known of what. */
export function heatLayer(heat: Heat | null): MapLayer {
  // Of the first colour, so that the edge of the picture does not go through grey.
  const clear = `${heat?.colours[0] ?? '#000000'}00`;
  const value: Expression = heat ? ['max', 0, ['to-number', ['get', heat.measure], 0]] : 0;
  const ends = heat?.colours ?? [];
  const stops = STEPS.flatMap((step, index): Expression[] => [step, ends[index] ?? clear]);
  return {
    id: HEAT,
    type: 'heatmap',
    source: HEAT,
    'source-layer': 'sites',
    layout: heat ? {} : { visibility: 'none' },
    paint: {
      'heatmap-radius': ['interpolate', ['linear'], ['zoom'], FAR.zoom, FAR.radius, NEAR.zoom, NEAR.radius],
      'heatmap-weight': heat && heat.peak > 0 ? ['/', value, heat.peak] : 0,
      'heatmap-color': ['interpolate', ['linear'], ['heatmap-density'], 0, clear, ...stops],
      'heatmap-opacity': 0.85,
    },
  };
}

function radiusAt(zoom: number): number {
  const part = Math.min(1, Math.max(0, (zoom - FAR.zoom) / (NEAR.zoom - FAR.zoom)));
  return FAR.radius + part * (NEAR.radius - FAR.radius);
}

export class HeatPainter {
  readonly #map: maplibre.Map;
  readonly #tiles: TileSwap;
  #scene: HeatScene | null = null;
  #peak = 0;
  /** Whether other points may have come into view since the peak was found. */
  #unscaled = true;
  /** What the layer was made of last. */
  #made = '';

  constructor(map: maplibre.Map) {
    this.#map = map;
    this.#tiles = new TileSwap(map, HEAT);
    map.on('sourcedata', ({ sourceId }) => (this.#unscaled ||= sourceId === HEAT));
    map.on('moveend', () => (this.#unscaled = true));
  }

  /** Forgets what was drawn: the style is new. */
  restart(): void {
    this.#tiles.restart();
    this.#made = '';
    this.#unscaled = true;
  }

  draw(scene: HeatScene | null): void {
    this.#unscaled ||= scene?.measure !== this.#scene?.measure || scene?.tiles !== this.#scene?.tiles;
    this.#scene = scene;
    if (scene) this.#tiles.show(scene.tiles);
    setVisible(this.#map, HEAT, scene !== null);
    this.#paint();
  }

  /** What is left to do when the map has come to rest; whether it will come to rest again. */
  rest(): boolean {
    return this.#scene !== null && (this.#tiles.rest() || this.#rescale(this.#scene));
  }

  remove(): void {
    this.#tiles.remove();
  }

  #rescale({ measure }: HeatScene): boolean {
    if (!this.#unscaled) return false;
    this.#unscaled = false;
    const radius = radiusAt(this.#map.getZoom());
    const peak = peakOf(this.#inView(measure, radius), radius);
    if (Math.abs(peak - this.#peak) <= NOTICEABLE * this.#peak) return false;
    this.#peak = peak;
    this.#paint();
    this.#map.triggerRepaint();
    return true;
  }

  /** The points whose weight reaches into the view, each once: tiles have those beyond their edges too. */
  #inView(measure: string, reach: number): Weighed[] {
    const { clientWidth, clientHeight } = this.#map.getContainer();
    const points = new Map<string, Weighed>();
    for (const { geometry, properties } of this.#map.querySourceFeatures(HEAT, { sourceLayer: 'sites' })) {
      const weight = Number((properties as Record<string, unknown>)[measure]);
      if (geometry.type !== 'Point' || !(weight > 0)) continue;
      const { x, y } = this.#map.project(geometry.coordinates as Position);
      const isNear = x > -reach && y > -reach && x < clientWidth + reach && y < clientHeight + reach;
      if (isNear) points.set(`${x.toFixed(1)} ${y.toFixed(1)}`, { x, y, weight });
    }
    return [...points.values()];
  }

  #paint(): void {
    if (!this.#scene) return;
    const heat = { ...this.#scene, peak: this.#peak };
    const made = JSON.stringify([heat.measure, heat.colours, heat.peak]);
    if (this.#made === made) return;
    this.#made = made;
    setLook(this.#map, heatLayer(heat));
  }
}
