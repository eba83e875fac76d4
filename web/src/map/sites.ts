// Customers on the map: whose tiles are asked for, and what the size of their dots tells.

import type * as maplibre from 'maplibre-gl';
import type { Position } from '../api/wire';
import { roundAbove } from '../view/sites';
import { setLook, setVisible } from './layer';
import { SITE_LAYERS, sites, type Palette } from './layers';
import type { Scene, SiteScene } from './scene';
import { TileSwap } from './swap';

export class SitePainter {
  readonly #map: maplibre.Map;
  /** Tells the value of the measure at the largest dot; null when dots tell how many. */
  readonly #scaled: (greatest: number | null) => void;
  #palette: Palette;
  #scene: Scene | null = null;
  /** What the layers were made of last. */
  #dots = '';
  #sites: SiteScene = { tiles: '', measure: null };
  /** The value of the largest dot, and whether other tiles have come into view since. */
  #greatest: number | null = null;
  #unscaled = true;
  readonly #tiles: TileSwap;

  constructor(map: maplibre.Map, palette: Palette, scaled: (greatest: number | null) => void) {
    this.#map = map;
    this.#tiles = new TileSwap(map, 'sites');
    this.#palette = palette;
    this.#scaled = scaled;
    map.on('sourcedata', ({ sourceId }) => (this.#unscaled ||= sourceId === 'sites'));
    map.on('moveend', () => (this.#unscaled = true));
  }

  /** The measure that the tiles have; null when they tell how many alone. */
  get measure(): string | null {
    return this.#sites.measure;
  }

  /** Forgets what was drawn: the style is new. */
  restart(palette: Palette): void {
    this.#palette = palette;
    this.#dots = '';
    this.#sites = { tiles: '', measure: null };
    this.#tiles.restart();
  }

  /** Takes note of a scene that is drawn when the map is ready. */
  expect(scene: Scene): void {
    const before = this.#scene;
    this.#unscaled ||=
      before?.shown.sites !== scene.shown.sites ||
      before.sites?.measure !== scene.sites?.measure ||
      before.sitesFrom !== scene.sitesFrom ||
      before.precisions !== scene.precisions;
    this.#scene = scene;
  }

  draw(scene: Scene): void {
    for (const id of SITE_LAYERS) setVisible(this.#map, id, scene.shown.sites);
    const [dots] = SITE_LAYERS;
    if (this.#map.getLayer(dots)?.minzoom !== scene.sitesFrom) this.#map.setLayerZoomRange(dots, scene.sitesFrom, 24);
    if (scene.sites) this.#drawSites(scene.sites);
    this.#drawDots(scene);
  }

  /** What is left to do when the map has come to rest; whether it will come to rest again. */
  rest(): boolean {
    return this.#tiles.rest() || this.#rescale();
  }

  remove(): void {
    this.#tiles.remove();
  }

  /** Asks for other customers; those that are there stay until the new ones are. */
  #drawSites(next: SiteScene): void {
    if (this.#sites.measure !== next.measure) {
      this.#greatest = null;
      this.#scaled(null);
    }
    this.#tiles.show(next.tiles);
    this.#sites = { ...next };
  }

  /** The measure that dots are sized by: it is of all sites of a point, so not of some precisions. */
  #measureOf(scene: Scene): string | null {
    const isSeen = scene.shown.sites && this.#map.getZoom() >= scene.sitesFrom;
    return isSeen && scene.precisions.length === 0 ? this.#sites.measure : null;
  }

  /** Fits the scale of the dots to those in view; whether that changed it. */
  #rescale(): boolean {
    if (!this.#unscaled || !this.#scene) return false;
    this.#unscaled = false;
    const measure = this.#measureOf(this.#scene);
    const found = measure ? this.#map.querySourceFeatures('sites', { sourceLayer: 'sites' }) : [];
    const view = this.#map.getBounds();
    const most = found.reduce((most, { properties, geometry }) => {
      const value = Number(properties[measure ?? '']) || 0;
      const isGreater = value > most && geometry.type === 'Point' && view.contains(geometry.coordinates as Position);
      return isGreater ? value : most;
    }, 0);
    const greatest = roundAbove(most);
    if (greatest === this.#greatest) return false;
    this.#greatest = greatest;
    this.#scaled(greatest);
    this.#drawDots(this.#scene);
    this.#map.triggerRepaint();
    return true;
  }

  #drawDots(scene: Scene): void {
    const { precisions } = scene;
    const measure = this.#measureOf(scene);
    const scale = measure && this.#greatest !== null ? { measure, greatest: this.#greatest } : null;
    const made = JSON.stringify([precisions, scale]);
    if (this.#dots === made) return;
    this.#dots = made;
    for (const layer of sites(this.#palette, precisions, scale)) setLook(this.#map, layer);
  }
}
