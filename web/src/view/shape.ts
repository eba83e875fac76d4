// Shapes drawn on the map: made of what a hand drew, written into the address, and told in words.

import type { Box, Position, Shape } from '../api/wire';
import { areaM2, geodesicM } from './geodesy';
import { metresPerPixel, ringOf } from './spot';

/** Corners that a polygon may have, so that its address stays short. */
export const MOST_CORNERS = 100;
/** Digits of degrees behind the point at most: about a metre. */
const MOST_DECIMALS = 5;
/** Circles are no smaller and no larger, in metres; the largest reaches half around the earth. */
export const LEAST_RADIUS_M = 10;
export const MOST_RADIUS_M = 20_000_000;

/** What was drawn, and whether it lost corners that could be seen. */
export interface Made {
  shape: Shape;
  simplified: boolean;
}

/** A circle of whole metres; null where it is too small to hold anything. */
export function circleOf(center: Position, radiusM: number): Shape | null {
  const radius_m = Math.min(MOST_RADIUS_M, Number(Math.round(radiusM).toPrecision(4)));
  return radius_m >= LEAST_RADIUS_M ? { circle: { center: rounded(onEarth(center), MOST_DECIMALS), radius_m } } : null;
}

/** The box of a stretch of longitudes and latitudes. */
export const boxOf = ([west, south, east, north]: Box, pixel: number): Made | null =>
  polygonOf(
    [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
    ],
    pixel,
  );

/**
 * The polygon of corners drawn on the map, where a pixel is `pixel` degrees of longitude wide. Its
 * edges are straight in degrees as the server takes them; those that would leave what was drawn by
 * more than a pixel get corners between. Null where nothing is enclosed. O(n²).
 */
export function polygonOf(drawn: readonly Position[], pixel: number): Made | null {
  const decimals = Math.max(0, Math.min(MOST_DECIMALS, Math.ceil(-Math.log10(pixel)) + 1));
  const corners = straightened(drawn.map(onEarth), pixel).map((corner) => rounded(corner, decimals));
  const plain = thinned(distinct(corners), Infinity, (pixel * pixel) / 2);
  const few = thinned(plain, MOST_CORNERS, 0);
  const shape = { polygon: distinct(few) };
  if (shape.polygon.length < 3 || areaM2(shape.polygon) < 1) return null;
  return { shape, simplified: few.length < plain.length };
}

/** The ring of a shape as it lies on the map, closed. */
export function outlineOf(shape: Shape): Position[] {
  if ('circle' in shape) return ringOf(shape.circle.center, shape.circle.radius_m);
  const [first] = shape.polygon;
  return first ? [...shape.polygon, first] : [];
}

export const boundsOf = (shape: Shape): Box => {
  const ring = outlineOf(shape);
  const [lons, lats] = [ring.map(([lon]) => lon), ring.map(([, lat]) => lat)];
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
};

/** What a shape is called, and how large it is. */
export type Told =
  | { kind: 'circle'; radius_m: number }
  | { kind: 'box'; width_m: number; height_m: number }
  | { kind: 'polygon'; area_m2: number };

export function toldOf(shape: Shape): Told {
  if ('circle' in shape) return { kind: 'circle', radius_m: shape.circle.radius_m };
  const [a, b, c, d] = shape.polygon;
  const isBox =
    a && b && c && d && shape.polygon.length === 4 && a[1] === b[1] && b[0] === c[0] && c[1] === d[1] && d[0] === a[0];
  if (!isBox) return { kind: 'polygon', area_m2: areaM2(shape.polygon) };
  const middle = (a[1] + d[1]) / 2;
  return { kind: 'box', width_m: geodesicM([a[0], middle], [b[0], middle]), height_m: geodesicM(a, d) };
}

/** `circle:11.57,48.14,5000`, or the corners of a polygon in letters. */
export const writeShape = (shape: Shape): string =>
  'circle' in shape
    ? `circle:${[...shape.circle.center, shape.circle.radius_m].join(',')}`
    : `polygon:${encoded(shape.polygon)}`;

/** The shape of an address; null for what makes none. */
export function readShape(text: string | null): Shape | null {
  const [kind = '', rest = ''] = (text ?? '').split(':');
  if (kind === 'circle') {
    const [lon, lat, radius, ...more] = rest.split(',').map(Number);
    if (lon === undefined || lat === undefined || radius === undefined || more.length > 0) return null;
    return isOnEarth([lon, lat]) && radius >= LEAST_RADIUS_M && radius <= MOST_RADIUS_M
      ? { circle: { center: [lon, lat], radius_m: radius } }
      : null;
  }
  const polygon = kind === 'polygon' ? decoded(rest) : null;
  return polygon && polygon.length >= 3 && polygon.length <= MOST_CORNERS && polygon.every(isOnEarth)
    ? { polygon }
    : null;
}

/** Degrees of longitude under one pixel of the map at a zoom. */
export const degreesPerPixel = (zoom: number): number => metresPerPixel(0, zoom) / 111_319.49;

/** Letters of an address that need no escape, for numbers of six bits. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** A letter holds five bits of a number, and whether more follow. */
const BITS = 32;

/**
 * Corners as letters: the digits behind the point, then each longitude and latitude as the step from
 * the one before, zigzag, five bits a letter. The idea is that of encoded polylines (Google).
 */
function encoded(corners: readonly Position[]): string {
  const decimals = decimalsOf(corners);
  const before = [0, 0];
  let text = String(decimals);
  for (const corner of corners) {
    for (const axis of [0, 1] as const) {
      const value = Math.round(corner[axis] * 10 ** decimals);
      const step = value - (before[axis] ?? 0);
      before[axis] = value;
      text += lettersOf(step < 0 ? -2 * step - 1 : 2 * step);
    }
  }
  return text;
}

function lettersOf(number: number): string {
  let [text, rest] = ['', number];
  while (rest >= BITS) {
    text += LETTERS[BITS + (rest % BITS)] ?? '';
    rest = Math.floor(rest / BITS);
  }
  return text + (LETTERS[rest] ?? '');
}

function decoded(text: string): Position[] | null {
  const decimals = Number(text[0]);
  if (!(decimals <= MOST_DECIMALS)) return null;
  const values: number[] = [];
  let [number, place] = [0, 1];
  for (const letter of text.slice(1)) {
    const bits = LETTERS.indexOf(letter);
    if (bits < 0 || place > 2 ** 40) return null;
    number += (bits % BITS) * place;
    place *= BITS;
    if (bits >= BITS) continue;
    const step = number % 2 === 1 ? -(number + 1) / 2 : number / 2;
    values.push((values.at(-2) ?? 0) + step);
    [number, place] = [0, 1];
  }
  if (place !== 1 || values.length % 2 === 1) return null;
  const degrees = values.map((value) => Number((value / 10 ** decimals).toFixed(decimals)));
  return Array.from({ length: degrees.length / 2 }, (_, index): Position => [
    degrees[2 * index] ?? 0,
    degrees[2 * index + 1] ?? 0,
  ]);
}

/** The fewest digits behind the point that hold every corner. */
function decimalsOf(corners: readonly Position[]): number {
  let decimals = 0;
  const isHeld = (value: number) => Number(value.toFixed(decimals)) === value;
  while (decimals < MOST_DECIMALS && !corners.flat().every(isHeld)) decimals += 1;
  return decimals;
}

const rounded = ([lon, lat]: Position, decimals: number): Position => [
  Number(lon.toFixed(decimals)),
  Number(lat.toFixed(decimals)),
];

const onEarth = ([lon, lat]: Position): Position => [
  Math.max(-180, Math.min(180, lon)),
  Math.max(-85, Math.min(85, lat)),
];

const isOnEarth = ([lon, lat]: Position): boolean => Math.abs(lon) <= 180 && Math.abs(lat) <= 90;

/** Without corners that repeat the one before, the first after the last too. */
const distinct = (corners: readonly Position[]): Position[] =>
  corners.filter((corner, index) => {
    const before = corners.at(index - 1);
    return corners.length === 1 || before?.[0] !== corner[0] || before[1] !== corner[1];
  });

/** Height on the map of a latitude, in degrees of longitude, and back. */
const heightOf = (lat: number) => (180 / Math.PI) * Math.asinh(Math.tan((lat * Math.PI) / 180));
const latOf = (height: number) => (180 / Math.PI) * Math.atan(Math.sinh((height * Math.PI) / 180));

/** With corners between those whose edge, straight on the map, is farther than a pixel from straight in degrees. */
function straightened(corners: readonly Position[], pixel: number): Position[] {
  return corners.flatMap((from, index) => {
    const to = corners[(index + 1) % corners.length] ?? from;
    const [low, high] = [heightOf(from[1]), heightOf(to[1])];
    const sideways = Math.abs(to[0] - from[0]) / Math.max(1e-9, Math.hypot(to[0] - from[0], high - low));
    const off = Math.abs(heightOf((from[1] + to[1]) / 2) - (low + high) / 2) * sideways;
    const parts = Math.max(1, Math.min(8, Math.ceil(Math.sqrt(off / pixel))));
    return Array.from({ length: parts }, (_, part): Position => {
      const at = part / parts;
      return part === 0 ? from : [from[0] + at * (to[0] - from[0]), latOf(low + at * (high - low))];
    });
  });
}

/**
 * Without the corners that change the area least (Visvalingam and Whyatt 1993), while there are more
 * than `most` or one changes it by less than `least` square degrees.
 */
function thinned(corners: readonly Position[], most: number, least: number): Position[] {
  const kept = [...corners];
  while (kept.length > 3) {
    const changes = kept.map((corner, index) => changeOf(kept.at(index - 1), corner, kept[(index + 1) % kept.length]));
    const smallest = Math.min(...changes);
    if (kept.length <= most && smallest >= least) break;
    kept.splice(changes.indexOf(smallest), 1);
  }
  return kept;
}

const changeOf = (a: Position = [0, 0], b: Position = [0, 0], c: Position = [0, 0]): number =>
  Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2;
