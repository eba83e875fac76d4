// Dot density: figures as dots spread over the land of their regions, each for the same amount.

import type { Position } from '../api/wire';
import { crossings, positionIn, type Piece } from './land';
import { roundAbove } from './sites';

/** About as many dots as can be taken in at once, and the most that are drawn. */
const GOAL = 2_500;
const MOST = 20_000;

/** What one dot stands for, so that some figures make about as many dots as can be taken in. */
export const fittingPer = (values: readonly number[]): number => roundAbove(sizeOf(values) / GOAL) ?? 1;

/** The least that one dot can stand for without there being too many. */
export const leastPer = (values: readonly number[]): number => roundAbove(sizeOf(values) / MOST) ?? 0;

const sizeOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + Math.abs(value), 0);

/** How many dots a figure has, whichever side of zero it is on. */
export const dotsOf = (value: number, per: number): number => Math.round(Math.abs(value) / per);

/** Tries to hit a piece by chance before a line through it is taken. */
const TRIES = 24;

/**
 * Where the dots of regions lie: evenly spread over the land by chance, but the same chance each time.
 * The first dots of a region stay where they are when it has more.
 */
export class DotField {
  readonly #found = new WeakMap<readonly Piece[], Position[]>();

  /** The first `count` dots of a region; `name` tells it from all others. O(count × corners). */
  positions(name: string, pieces: readonly Piece[], count: number): readonly Position[] {
    const found = this.#found.get(pieces) ?? [];
    if (pieces.length === 0) return found;
    const seed = hashOf(name);
    while (found.length < count) found.push(positionOf(pieces, chances(seed, found.length)));
    this.#found.set(pieces, found);
    return found.slice(0, count);
  }
}

function positionOf(pieces: readonly Piece[], chance: () => number): Position {
  const whole = pieces.reduce((sum, { area }) => sum + area, 0);
  let rest = chance() * whole;
  const piece = pieces.find(({ area }) => (rest -= area) < 0) ?? (pieces[0] as Piece);
  const [west, north, east, south] = piece.box;
  for (let tried = 0; tried < TRIES; tried += 1) {
    const [x, y] = [west + chance() * (east - west), north + chance() * (south - north)];
    // Inside is where an odd number of borders lie to the left.
    if (crossings(piece, y).filter((at) => at < x).length % 2 === 1) return positionIn(piece.tile, [x, y]);
  }
  return positionIn(piece.tile, onLine(piece, chance));
}

/** A point of a piece that fills little of its box: on a line through it, anywhere along its land. */
function onLine(piece: Piece, chance: () => number): [number, number] {
  const [, north, , south] = piece.box;
  const y = north + chance() * (south - north);
  const ends = crossings(piece, y);
  const spans = ends.flatMap((from, index) => (index % 2 === 0 ? [[from, ends[index + 1] ?? from] as const] : []));
  let rest = chance() * spans.reduce((sum, [from, to]) => sum + (to - from), 0);
  for (const [from, to] of spans) {
    if (rest <= to - from) return [from + rest, y];
    rest -= to - from;
  }
  return [piece.rings[0]?.[0] ?? 0, piece.rings[0]?.[1] ?? 0];
}

/** A number of 32 bits for a text (Fowler, Noll and Vo, FNV-1a). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** Numbers from 0 up to 1 by chance, the same for the same seed and place (splitmix32, after Steele et al. 2014). */
function chances(seed: number, place: number): () => number {
  let state = (seed + Math.imul(place + 1, 0x85ebca6b)) | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}
