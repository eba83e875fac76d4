// Small charts over the map, drawn anew with every frame of it: they keep their size while it moves.

import type * as maplibre from 'maplibre-gl';
import { overlaps, signRadius, textSize, type Box } from '../view/signs';
import { FONT } from './font';
import type { Palette } from './layers';
import type { Glyph, Point } from './scene';

/** The least radius of a pie, in pixels. */
const LEAST_RADIUS = 3;
/** Width of a bar, in pixels, and the height of the highest, in radii of the largest sign. */
const BAR = 6;
const HIGHEST = 1.3;
/** Pixels between a chart and its text, and the width of the light edge of the text. */
const GAP = 2;
const EDGE = 3;

/** A chart that is in view. */
interface Drawn {
  glyph: Glyph;
  at: Point;
  box: Box;
}

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
    this.#canvas.dataset['texts'] = String(glyphs.filter(({ text }) => text !== null).length);
    this.#paint(true);
  }

  #paint(isNew = false): void {
    const context = this.#context;
    if (!context || (!isNew && this.#glyphs.length === 0)) return;
    this.#fit(context);
    const radius = signRadius(this.#map.getZoom());
    const { width, height } = this.#canvas.getBoundingClientRect();
    const drawn: Drawn[] = [];
    for (const glyph of this.#glyphs) {
      const at = this.#map.project(glyph.position);
      const isSeen = at.x > -radius && at.y > -radius && at.x < width + radius && at.y < height + radius;
      if (!isSeen || !this.#palette) continue;
      drawn.push({ glyph, at, box: boxOf(at, glyph, radius) });
      if (glyph.kind === 'pie') drawPie(context, at, glyph, radius, this.#palette);
      else drawBars(context, at, glyph, radius * HIGHEST, this.#palette);
    }
    if (this.#palette) drawTexts(context, drawn, textSize(this.#map.getZoom()), this.#palette);
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

/** Whether a chart is so small beside another that the other's figure may cover it. */
const isSmallBeside = (one: Box, other: Box): boolean => areaOf(one) < areaOf(other) / 4;

const areaOf = ([west, north, east, south]: Box): number => (east - west) * (south - north);

/** What a chart covers. */
function boxOf({ x, y }: Point, glyph: Glyph, radius: number): Box {
  if (glyph.kind === 'pie') {
    const reach = Math.max(LEAST_RADIUS, glyph.root * radius);
    return [x - reach, y - reach, x + reach, y + reach];
  }
  const heights = glyph.bars.map(({ height }) => height * radius * HIGHEST);
  const half = (glyph.bars.length * BAR) / 2;
  return [x - half, y - Math.max(0, ...heights), x + half, y - Math.min(0, ...heights)];
}

/** Writes the texts that have room below or above their charts, those of the first first. O(charts²). */
function drawTexts(context: CanvasRenderingContext2D, drawn: readonly Drawn[], size: number, palette: Palette): void {
  context.font = `${size}px "${String(FONT[0])}"`;
  context.textAlign = 'center';
  context.textBaseline = 'top';
  context.lineJoin = 'round';
  context.lineWidth = EDGE;
  context.strokeStyle = palette.halo;
  context.fillStyle = palette.label;
  const taken: Box[] = [];
  for (const { glyph, at, box } of drawn) {
    if (glyph.text === null) continue;
    const half = context.measureText(glyph.text).width / 2;
    const places = [box[3] + GAP, box[1] - GAP - size].map((top): Box => [at.x - half, top, at.x + half, top + size]);
    const place = places.find(
      (one) =>
        !taken.some((other) => overlaps(one, other)) &&
        !drawn.some((other) => other.glyph !== glyph && !isSmallBeside(other.box, box) && overlaps(one, other.box)),
    );
    if (!place) continue;
    taken.push(place);
    context.strokeText(glyph.text, at.x, place[1]);
    context.fillText(glyph.text, at.x, place[1]);
  }
}
