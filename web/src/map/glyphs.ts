// Small charts over the map, drawn anew with every frame of it: they keep their size while it moves.

import type * as maplibre from 'maplibre-gl';
import { signRadius } from '../view/signs';
import type { Palette } from './layers';
import type { Glyph, Point } from './scene';

/** The least radius of a pie, in pixels. */
const LEAST_RADIUS = 3;
/** Width of a bar, in pixels. */
const BAR = 6;

export class GlyphCanvas {
  readonly #map: maplibre.Map;
  readonly #canvas = document.createElement('canvas');
  readonly #context = this.#canvas.getContext('2d');
  #glyphs: readonly Glyph[] = [];
  #palette: Palette | null = null;

  constructor(map: maplibre.Map) {
    this.#map = map;
    this.#canvas.dataset['glyphs'] = '0';
    Object.assign(this.#canvas.style, { position: 'absolute', inset: '0', pointerEvents: 'none' });
    map.getCanvasContainer().append(this.#canvas);
    map.on('render', () => this.#paint());
  }

  restart(palette: Palette): void {
    this.#palette = palette;
    this.draw([]);
  }

  draw(glyphs: readonly Glyph[]): void {
    if (glyphs.length === 0 && this.#glyphs.length === 0) return;
    this.#glyphs = glyphs;
    this.#canvas.dataset['glyphs'] = String(glyphs.length);
    this.#paint(true);
  }

  #paint(isNew = false): void {
    const context = this.#context;
    if (!context || (!isNew && this.#glyphs.length === 0)) return;
    this.#fit(context);
    const radius = signRadius(this.#map.getZoom());
    const { width, height } = this.#canvas.getBoundingClientRect();
    for (const glyph of this.#glyphs) {
      const at = this.#map.project(glyph.position);
      const isSeen = at.x > -radius && at.y > -radius && at.x < width + radius && at.y < height + radius;
      if (!isSeen || !this.#palette) continue;
      if (glyph.kind === 'pie') drawPie(context, at, glyph, radius, this.#palette);
      else drawBars(context, at, glyph, radius * 1.3, this.#palette);
    }
  }

  /** Makes the canvas as large as the map, and empty. */
  #fit(context: CanvasRenderingContext2D): void {
    const { clientWidth, clientHeight } = this.#map.getContainer();
    const ratio = window.devicePixelRatio;
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      Object.assign(this.#canvas, { width, height });
      Object.assign(this.#canvas.style, { width: `${clientWidth}px`, height: `${clientHeight}px` });
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, clientWidth, clientHeight);
  }
}

function drawPie(
  context: CanvasRenderingContext2D,
  { x, y }: Point,
  { slices, root }: Glyph & { kind: 'pie' },
  most: number,
  palette: Palette,
): void {
  const radius = Math.max(LEAST_RADIUS, most * root);
  let angle = -Math.PI / 2;
  for (const { colour, part } of slices) {
    const to = angle + 2 * Math.PI * part;
    context.beginPath();
    context.moveTo(x, y);
    context.arc(x, y, radius, angle, to);
    context.closePath();
    context.fillStyle = colour;
    context.fill();
    angle = to;
  }
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.strokeStyle = palette.halo;
  context.lineWidth = 1;
  context.stroke();
}

function drawBars(
  context: CanvasRenderingContext2D,
  { x, y }: Point,
  { bars }: Glyph & { kind: 'bars' },
  most: number,
  palette: Palette,
): void {
  const left = x - (bars.length * BAR) / 2;
  bars.forEach(({ height }, index) => {
    const length = height * most;
    const begin = left + index * BAR;
    context.fillStyle = palette.halo;
    context.fillRect(begin - 1, y - Math.max(length, 0) - 1, BAR + 2, Math.abs(length) + 2);
  });
  bars.forEach(({ colour, height }, index) => {
    const length = height * most;
    context.fillStyle = colour;
    context.fillRect(left + index * BAR, y - Math.max(length, 0), BAR - 0.5, Math.abs(length));
  });
  context.fillStyle = palette.label;
  context.fillRect(left - 1, y - 0.5, bars.length * BAR + 2, 1);
}
