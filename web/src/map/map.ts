// The map itself: the only place that knows the map library.

import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import * as maplibre from 'maplibre-gl';
import type { Box, Position, Precision } from '../api/wire';
import { ALL_LEVELS, type Level, type RegionRef } from '../view/levels';
import type { AreaGroup } from '../view/areas';
import type { Camera, Shown } from '../view/screen';
import { roundAbove } from '../view/sites';
import { ringOf } from '../view/spot';
import { hatchImage } from './hatch';
import {
  areaLayer,
  FONT,
  groupFilter,
  HATCH,
  LABEL_LAYERS,
  layers,
  layersOf,
  pointedLayer,
  scopeLayer,
  SITE_LAYERS,
  sites,
  SITES_ZOOM,
  SOURCES,
  type Expression,
  type Palette,
} from './layers';

maplibre.setWorkerUrl(workerUrl);
maplibre.setWorkerCount(1);

/** How one area is painted. */
export interface Paint {
  step: number | null;
  faded: boolean;
}

/** Everything the map shows, as one value. */
export interface Scene {
  groups: readonly AreaGroup[];
  /** Paint by key, for each level. */
  paints: ReadonlyMap<Level, ReadonlyMap<string, Paint>>;
  shown: Shown;
  /** The region drilled into. */
  scope: RegionRef | null;
  pointed: RegionRef | null;
  selected: Position | null;
  /** Null leaves those that the map began with. */
  sites: SiteScene | null;
  /** The zoom from which customers are drawn. */
  sitesFrom: number;
  /** Customers are only those of these precisions; none means all. */
  precisions: readonly Precision[];
  circles: readonly Circle[];
}

/** Which customers are drawn. */
export interface SiteScene {
  /** Address of their tiles. */
  tiles: string;
  /** The measure that the tiles have; null when they tell how many alone. */
  measure: string | null;
}

/** Within which the truth lies nine times of ten. */
export interface Circle {
  position: Position;
  radius_m: number;
  precision: Precision;
  chosen: boolean;
}

export type Target =
  | { kind: 'area'; region: RegionRef; name: string }
  | { kind: 'account'; account: string; name: string; position: Position; value: number | null }
  /** `value` is of the measure that the tiles have, as they tell it; null where it is of others too. */
  | { kind: 'stack'; count: number; position: Position; value: number | null };

export interface Point {
  x: number;
  y: number;
}

export interface MapEvents {
  point: (target: Target | null, at: Point) => void;
  click: (target: Target | null, at: Point, position: Position) => void;
  /** The zoom the map has or is moving to. */
  zoom: (zoom: number) => void;
  /** The reader moved the map. */
  moved: (camera: Camera) => void;
  moving: () => void;
  /** What stands over the map has to move with it. */
  frame: () => void;
  idle: (idle: boolean) => void;
  /** The value of the measure at the largest dot; null when dots tell how many. */
  scaled: (greatest: number | null) => void;
}

export interface MapStart {
  palette: Palette;
  language: 'de' | 'en';
  camera: Camera | null;
  tiles: (layer: string) => string;
}

const PADDING = { top: 60, bottom: 40, left: 40, right: 64 };

/** A map in `container`. Fails where the browser has no WebGL 2. */
export class MapView {
  readonly #map: maplibre.Map;
  readonly #events: MapEvents;
  #start: MapStart;
  #scene: Scene | null = null;
  #painted = new Map<Level, ReadonlyMap<string, Paint>>();
  #lit: RegionRef | null = null;
  /** What the layers of customers were made of last. */
  #dots = '';
  #sites: SiteScene = { tiles: '', measure: null };
  /** The value of the largest dot, and whether other tiles have come into view since. */
  #greatest: number | null = null;
  #unscaled = true;
  /** Whether tiles of other customers may be among those in view. */
  #mixed = false;
  #gone = false;
  #ready = false;

  constructor(container: HTMLElement, start: MapStart, events: MapEvents) {
    this.#events = events;
    this.#start = start;
    this.#map = new maplibre.Map({
      container,
      style: styleOf(start),
      center: start.camera ? [start.camera.lon, start.camera.lat] : [10.4, 51.1],
      zoom: start.camera?.zoom ?? 4,
      minZoom: 0,
      maxZoom: 18,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      transformRequest: (url) => ({ url: new URL(url, location.href).href }),
    });
    this.#map.touchZoomRotate.disableRotation();
    this.#map.keyboard.disableRotation();
    this.#listen();
  }

  draw(scene: Scene): void {
    const before = this.#scene;
    this.#unscaled ||=
      before?.shown.sites !== scene.shown.sites ||
      before.sites?.measure !== scene.sites?.measure ||
      before.sitesFrom !== scene.sitesFrom ||
      before.precisions !== scene.precisions;
    this.#scene = scene;
    if (this.#ready) this.#apply(scene);
  }

  /** Changes colours, language or data, keeping the camera. */
  restyle(start: MapStart): void {
    this.#start = start;
    this.#ready = false;
    this.#events.idle(false);
    this.#map.setStyle(styleOf(start), { diff: false });
  }

  fit(bounds: Box, animate: boolean, maxZoom = 14): void {
    const [west, south, east, north] = bounds;
    const camera = this.#map.cameraForBounds(
      [
        [west, south],
        [east, north],
      ],
      { padding: this.#padding(), maxZoom },
    );
    if (!camera) return;
    this.#events.zoom(camera.zoom ?? this.#map.getZoom());
    this.#move(camera, animate);
  }

  show({ lon, lat, zoom }: Camera, animate: boolean): void {
    this.#events.zoom(zoom);
    this.#move({ center: [lon, lat], zoom }, animate);
  }

  zoomBy(steps: number): void {
    this.#map.zoomTo(this.#map.getZoom() + steps, {}, { byHand: true });
  }

  get zoom(): number {
    return this.#map.getZoom();
  }

  /** Where a position is in the container, in pixels. */
  project(position: Position): Point {
    const { x, y } = this.#map.project(position);
    return { x, y };
  }

  /** The position at a point of the container. */
  unproject({ x, y }: Point): Position {
    const { lng, lat } = this.#map.unproject([x, y]).wrap();
    return [lng, lat];
  }

  /** Whether a position is in view and near enough to be drawn. */
  sees(position: Position): boolean {
    return this.#map.getZoom() >= SITES_ZOOM && this.#map.getBounds().contains(position);
  }

  resize(): void {
    this.#map.resize();
  }

  remove(): void {
    this.#gone = true;
    this.#map.remove();
  }

  #padding() {
    const { clientWidth, clientHeight } = this.#map.getContainer();
    return clientWidth < 500 || clientHeight < 400 ? { top: 52, bottom: 24, left: 16, right: 16 } : PADDING;
  }

  #move(camera: maplibre.CameraOptions, animate: boolean): void {
    this.#events.idle(false);
    if (animate) this.#map.easeTo({ ...camera, duration: 450 });
    else this.#map.jumpTo(camera);
  }

  #listen(): void {
    const map = this.#map;
    map.on('style.load', () => {
      map.addImage(HATCH, hatchImage(this.#start.palette), { pixelRatio: 2 });
      this.#ready = true;
      this.#painted.clear();
      this.#lit = null;
      this.#dots = '';
      this.#sites = { tiles: '', measure: null };
      this.#mixed = false;
      if (this.#scene) this.#apply(this.#scene);
    });
    map.on('idle', () => {
      if (!this.#unmix() && !this.#rescale()) this.#events.idle(this.#ready);
    });
    map.on('sourcedata', ({ sourceId }) => (this.#unscaled ||= sourceId === 'sites'));
    map.on('movestart', () => {
      this.#events.idle(false);
      this.#events.moving();
    });
    map.on('dataloading', () => this.#events.idle(false));
    map.on('moveend', (event) => {
      this.#unscaled = true;
      this.#events.zoom(map.getZoom());
      const byHand = 'byHand' in event || (event as { originalEvent?: unknown }).originalEvent !== undefined;
      const { lng, lat } = map.getCenter();
      if (byHand) this.#events.moved({ lon: lng, lat, zoom: map.getZoom() });
    });
    map.on('mousemove', ({ point }) => {
      const target = this.#targetAt(point);
      map.getCanvas().style.cursor = target ? 'pointer' : '';
      this.#events.point(target, point);
    });
    map.on('mouseout', () => this.#events.point(null, { x: 0, y: 0 }));
    map.on('move', () => this.#events.frame());
    map.on('resize', () => this.#events.frame());
    map.on('click', ({ point, lngLat }) => {
      const { lng, lat } = lngLat.wrap();
      this.#events.click(this.#targetAt(point), point, [lng, lat]);
    });
  }

  #targetAt(point: maplibre.Point): Target | null {
    if (!this.#ready) return null;
    const sites = SITE_LAYERS.filter((id) => this.#map.getLayer(id));
    const reach: [maplibre.PointLike, maplibre.PointLike] = [
      [point.x - 3, point.y - 3],
      [point.x + 3, point.y + 3],
    ];
    const [site] = this.#map.queryRenderedFeatures(reach, { layers: [...sites] });
    if (site) return siteTarget(site, this.#scene?.precisions ?? [], this.#sites.measure);
    const [area] = this.#map.queryRenderedFeatures(point, { layers: ALL_LEVELS.map(areaLayer) });
    if (!area) return null;
    const { key, name } = area.properties as { key: string; name: string };
    const level = ALL_LEVELS.find((candidate) => areaLayer(candidate) === area.layer.id);
    return level ? { kind: 'area', region: { level, key }, name } : null;
  }

  #apply(scene: Scene): void {
    this.#events.idle(false);
    for (const level of ALL_LEVELS) this.#applyLevel(level, scene);
    for (const id of SITE_LAYERS) this.#setVisible(id, scene.shown.sites);
    const [dots] = SITE_LAYERS;
    if (this.#map.getLayer(dots)?.minzoom !== scene.sitesFrom) this.#map.setLayerZoomRange(dots, scene.sitesFrom, 24);
    if (scene.sites) this.#applySites(scene.sites);
    this.#applyDots(scene);
    for (const id of LABEL_LAYERS) this.#setVisible(id, scene.shown.labels);
    this.#light(scene.pointed);
    const selected = this.#map.getSource<maplibre.GeoJSONSource>('selected');
    selected?.setData(pointAt(scene.selected));
    this.#map.getSource<maplibre.GeoJSONSource>('circles')?.setData(rings(scene.circles));
    this.#map.triggerRepaint();
  }

  /** Asks for other customers; those that are there stay until the new ones are. */
  #applySites(next: SiteScene): void {
    if (this.#sites.measure !== next.measure) {
      this.#greatest = null;
      this.#events.scaled(null);
    }
    const source = this.#map.getSource<maplibre.VectorTileSource>('sites');
    // Before its description is there it has none, whatever its type says.
    const before = (source?.tiles as string[] | undefined)?.[0];
    if (source && this.#sites.tiles !== next.tiles && before !== next.tiles) {
      this.#mixed = before !== undefined;
      source.setTiles([next.tiles]);
    }
    this.#sites = { ...next };
  }

  /**
   * Loads the tiles again at rest: those under way or styled while the customers changed stayed as
   * they were. The others come from the cache of the browser.
   */
  #unmix(): boolean {
    const source = this.#map.getSource<maplibre.VectorTileSource>('sites');
    if (!this.#mixed || !source) return false;
    this.#mixed = false;
    source.setTiles([this.#sites.tiles]);
    this.#wake();
    return true;
  }

  /** Draws once the tiles are there: those that came back the same wake nobody, and rest is told by a drawing. */
  #wake(): void {
    requestAnimationFrame(() => {
      if (this.#gone || !this.#map.getSource('sites')) return;
      if (this.#map.isSourceLoaded('sites')) this.#map.triggerRepaint();
      else this.#wake();
    });
  }

  /** The measure that dots are sized by: it is of all sites of a point, so not of some precisions. */
  #measureOf(scene: Scene): string | null {
    const isSeen = scene.shown.sites && this.#map.getZoom() >= scene.sitesFrom;
    return isSeen && scene.precisions.length === 0 ? this.#sites.measure : null;
  }

  /** Fits the scale of the dots to those in view; whether that changed it. */
  #rescale(): boolean {
    if (!this.#unscaled || !this.#ready || !this.#scene) return false;
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
    this.#events.scaled(greatest);
    this.#applyDots(this.#scene);
    this.#map.triggerRepaint();
    return true;
  }

  #applyDots(scene: Scene): void {
    const { precisions } = scene;
    const measure = this.#measureOf(scene);
    const scale = measure && this.#greatest !== null ? { measure, greatest: this.#greatest } : null;
    const made = JSON.stringify([precisions, scale]);
    if (this.#dots === made) return;
    this.#dots = made;
    for (const { id, filter, paint, layout } of sites(this.#start.palette, precisions, scale)) {
      if (filter) this.#setFilter(id, filter);
      for (const [name, value] of Object.entries(paint ?? {}))
        this.#map.setPaintProperty(id, name as never, value as never);
      for (const [name, value] of Object.entries(layout ?? {}))
        this.#map.setLayoutProperty(id, name as never, value as never);
    }
  }

  #applyLevel(level: Level, scene: Scene): void {
    const group = scene.shown.area ? scene.groups.find((candidate) => candidate.level === level) : undefined;
    const paints = scene.paints.get(level) ?? new Map<string, Paint>();
    for (const id of layersOf(level)) {
      this.#setVisible(id, group !== undefined);
      if (group) this.#setFilter(id, groupFilter(group, [...paints.keys()]));
    }
    const scoped = scene.scope?.level === level;
    this.#setVisible(scopeLayer(level), scoped);
    if (scoped && scene.scope) this.#setFilter(scopeLayer(level), ['==', ['get', 'key'], scene.scope.key]);
    this.#setVisible(pointedLayer(level), group !== undefined || scene.pointed?.level === level);
    if (group) this.#paint(level, paints);
  }

  #paint(level: Level, paints: ReadonlyMap<string, Paint>): void {
    const before = this.#painted.get(level);
    if (before === paints) return;
    const source = { source: level, sourceLayer: level };
    for (const key of before?.keys() ?? []) {
      if (!paints.has(key)) this.#map.setFeatureState({ ...source, id: key }, { step: null, faded: false });
    }
    for (const [key, paint] of paints) {
      const old = before?.get(key);
      if (old?.step !== paint.step || old.faded !== paint.faded)
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

  #setVisible(id: string, visible: boolean): void {
    const wanted = visible ? 'visible' : 'none';
    if (this.#map.getLayoutProperty(id, 'visibility') !== wanted) this.#map.setLayoutProperty(id, 'visibility', wanted);
  }

  #setFilter(id: string, filter: Expression[]): void {
    if (JSON.stringify(this.#map.getFilter(id)) !== JSON.stringify(filter)) {
      this.#map.setFilter(id, filter as maplibre.FilterSpecification);
    }
  }
}

/** Loads the label font, which the map draws its text with. */
export const loadFont = (): Promise<unknown> => document.fonts.load(`16px "${String(FONT[0])}"`, 'Aä');

function styleOf({ palette, language, tiles }: MapStart): maplibre.StyleSpecification {
  const sources: maplibre.StyleSpecification['sources'] = {
    selected: { type: 'geojson', data: pointAt(null) },
    circles: { type: 'geojson', data: rings([]) },
  };
  for (const name of SOURCES) {
    const url = new URL(tiles(name), location.href).href;
    sources[name] = { type: 'vector', url, ...(name === 'sites' || name === 'base' ? {} : { promoteId: 'key' }) };
  }
  return { version: 8, sources, layers: layers(palette, language) as maplibre.LayerSpecification[] };
}

function siteTarget(
  site: maplibre.MapGeoJSONFeature,
  precisions: readonly Precision[],
  measure: string | null,
): Target | null {
  if (site.geometry.type !== 'Point') return null;
  const position = site.geometry.coordinates as Position;
  const properties = site.properties as { count: number; key?: string; name?: string } & Partial<
    Record<Precision, number>
  >;
  const { count, key, name } = properties;
  const known = measure === null ? undefined : (site.properties as Record<string, unknown>)[measure];
  const value = typeof known === 'number' ? known : null;
  if (count === 1 && key !== undefined) return { kind: 'account', account: key, name: name ?? key, position, value };
  const shown = precisions.reduce((sum, precision) => sum + (properties[precision] ?? 0), 0);
  const isWhole = precisions.length === 0 || shown === count;
  return { kind: 'stack', count: isWhole ? count : shown, position, value: isWhole ? value : null };
}

const collection = <G>(features: { properties: Record<string, unknown>; geometry: G }[]) => ({
  type: 'FeatureCollection' as const,
  features: features.map((feature) => ({ type: 'Feature' as const, ...feature })),
});

const pointAt = (position: Position | null) =>
  collection(position ? [{ properties: {}, geometry: { type: 'Point' as const, coordinates: position } }] : []);

const rings = (circles: readonly Circle[]) =>
  collection(
    circles.map(({ position, radius_m, precision, chosen }) => ({
      properties: { precision, chosen },
      geometry: { type: 'Polygon' as const, coordinates: [ringOf(position, radius_m)] },
    })),
  );
