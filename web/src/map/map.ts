// The map itself: its camera and its events. The only place that runs the map library; the painters
// beside it draw on what is made here.

import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import * as maplibre from 'maplibre-gl';
import type { Box, Position } from '../api/wire';
import type { Camera } from '../view/screen';
import { AreaPainter } from './areas';
import { HEAT, HeatPainter } from './heat';
import { hatchImage, speckleImage } from './hatch';
import { setVisible } from './layer';
import { HATCH, isOfNames, layers, SOURCES, SPECKLE, type MapLayer } from './layers';
import { drawMarks, pointAt, rings } from './marks';
import { targetAt } from './picking';
import type { MapEvents, MapStart, Point, Scene, Target } from './scene';
import { SignPainter, signSources } from './signs';
import { SitePainter } from './sites';
import { STREETS } from './streets';
import { SITES_ZOOM } from './zooms';

maplibre.setWorkerUrl(workerUrl);
maplibre.setWorkerCount(1);

/** A tap is told as a click so much later at most. */
const AFTERCLICK_MS = 350;

/** Sources whose features have no key that a state is known by. */
const KEYLESS = ['sites', HEAT, 'base', STREETS];

const PADDING = { top: 60, bottom: 40, left: 40, right: 64 };

/** A map in `container`. Fails where the browser has no WebGL 2. */
export class MapView {
  readonly #map: maplibre.Map;
  readonly #events: MapEvents;
  readonly #areas: AreaPainter;
  readonly #sites: SitePainter;
  readonly #signs: SignPainter;
  readonly #heat: HeatPainter;
  #start: MapStart;
  #layers: MapLayer[];
  #scene: Scene | null = null;
  #ready = false;
  /** Whether the wheel was turned: it comes to rest by time, and that tells no event of the reader. */
  #wheeled = false;
  /** Tells what has the pointer that the style goes; null while the map has it itself. */
  #borrower: (() => void) | null = null;
  /** Until when clicks are still those of what had the pointer, in milliseconds of the page. */
  #deafUntil = 0;

  constructor(container: HTMLElement, start: MapStart, events: MapEvents) {
    this.#events = events;
    this.#start = start;
    this.#layers = layers(start);
    this.#map = new maplibre.Map({
      container,
      style: styleOf(start, this.#layers),
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
    this.#areas = new AreaPainter(this.#map);
    this.#sites = new SitePainter(this.#map, start.palette, events.scaled);
    this.#signs = new SignPainter(this.#map);
    this.#heat = new HeatPainter(this.#map);
    this.#listen();
  }

  draw(scene: Scene): void {
    this.#sites.expect(scene);
    this.#scene = scene;
    if (this.#ready) this.#apply(scene);
  }

  /** Changes colours, language or data, keeping the camera. */
  restyle(start: MapStart): void {
    this.#borrower?.();
    this.#start = start;
    this.#ready = false;
    this.#events.idle(false);
    this.#layers = layers(start);
    this.#map.setStyle(styleOf(start, this.#layers), { diff: false });
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

  get camera(): Camera {
    const { lng, lat } = this.#map.getCenter();
    return { lon: lng, lat, zoom: this.#map.getZoom() };
  }

  /** Goes where another map is, at once. */
  follow({ lon, lat, zoom }: Camera): void {
    this.#map.jumpTo({ center: [lon, lat], zoom });
  }

  /** Of the container, in pixels. */
  get size(): { width: number; height: number } {
    const { clientWidth, clientHeight } = this.#map.getContainer();
    return { width: clientWidth, height: clientHeight };
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

  /**
   * Lends the map to what draws on it: nothing is pointed at or clicked until it is given back.
   * `ended` is told when the style goes with everything drawn, to give it back at once.
   */
  lend(ended: () => void): { map: maplibre.Map; giveBack: () => void } {
    this.#borrower?.();
    this.#borrower = ended;
    this.#events.point(null, { x: 0, y: 0 });
    const giveBack = () => {
      if (this.#borrower !== ended) return;
      this.#borrower = null;
      this.#deafUntil = performance.now() + AFTERCLICK_MS;
    };
    return { map: this.#map, giveBack };
  }

  /** Another map in another container. */
  another(container: HTMLElement, start: MapStart, events: MapEvents): MapView {
    return new MapView(container, start, events);
  }

  resize(): void {
    this.#map.resize();
  }

  remove(): void {
    this.#borrower?.();
    this.#sites.remove();
    this.#heat.remove();
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
      map.addImage(SPECKLE, speckleImage(this.#start.palette), { pixelRatio: 2 });
      this.#ready = true;
      this.#areas.restart();
      this.#signs.restart(this.#start.palette);
      this.#sites.restart(this.#start.palette);
      this.#heat.restart();
      if (this.#scene) this.#apply(this.#scene);
    });
    map.on('idle', () => {
      const goesOn = this.#ready && [this.#sites.rest(), this.#heat.rest()].includes(true);
      if (!goesOn) this.#events.idle(this.#ready);
    });
    map.on('wheel', () => (this.#wheeled = true));
    map.on('movestart', () => {
      this.#events.idle(false);
      this.#events.moving();
    });
    map.on('dataloading', () => this.#events.idle(false));
    map.on('moveend', (event) => {
      this.#events.zoom(map.getZoom());
      const { lng, lat } = map.getCenter();
      const byHand = 'byHand' in event || (event as { originalEvent?: unknown }).originalEvent !== undefined;
      if (byHand || this.#wheeled) this.#events.moved({ lon: lng, lat, zoom: map.getZoom() });
      this.#wheeled = false;
    });
    map.on('mousemove', ({ point }) => {
      if (this.#borrower) return;
      const target = this.#targetAt(point);
      map.getCanvas().style.cursor = target ? 'pointer' : '';
      this.#events.point(target, point);
    });
    map.on('mouseout', () => this.#events.point(null, { x: 0, y: 0 }));
    map.on('move', () => this.#events.frame());
    map.on('resize', () => this.#events.frame());
    map.on('click', ({ point, lngLat }) => {
      if (this.#borrower || performance.now() < this.#deafUntil) return;
      const { lng, lat } = lngLat.wrap();
      this.#events.click(this.#targetAt(point), point, [lng, lat]);
    });
  }

  #targetAt(point: maplibre.Point): Target | null {
    const drawn = { precisions: this.#scene?.precisions ?? [], measure: this.#sites.measure };
    return this.#ready ? targetAt(this.#map, point, drawn) : null;
  }

  #apply(scene: Scene): void {
    this.#events.idle(false);
    this.#areas.draw(scene);
    this.#sites.draw(scene);
    this.#signs.draw(scene.signs);
    this.#heat.draw(scene.heat);
    for (const layer of this.#layers) if (isOfNames(layer)) setVisible(this.#map, layer.id, scene.shown.labels);
    drawMarks(this.#map, scene);
    this.#map.triggerRepaint();
  }
}

function styleOf({ streets, tiles }: MapStart, layers: MapLayer[]): maplibre.StyleSpecification {
  const sources: maplibre.StyleSpecification['sources'] = {
    selected: { type: 'geojson', data: pointAt(null) },
    circles: { type: 'geojson', data: rings([]) },
    ...signSources(),
  };
  for (const name of [...SOURCES, ...(streets ? [STREETS] : [])]) {
    // The picture of customers begins with the tiles of all of them, which nobody sees.
    const url = new URL(tiles(name === HEAT ? 'sites' : name), location.href).href;
    sources[name] = { type: 'vector', url, ...(KEYLESS.includes(name) ? {} : { promoteId: 'key' }) };
  }
  return { version: 8, sources, layers: layers as maplibre.LayerSpecification[] };
}
