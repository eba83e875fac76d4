// The land of regions, put together of the pieces that their tiles have: without gaps or overlaps where
// tiles meet, and the same whatever else is on the map.

import type { Position } from '../api/wire';
import type { Level } from './levels';

/** Units across a tile. */
export const UNITS = 4096;

/** The zoom whose tiles the land of a level is made of, however near the map is. */
export const LAND_ZOOM: Record<Level, number> = {
  country: 2,
  state: 5,
  government_district: 5,
  district: 6,
  municipality: 7,
  postal: 7,
  'own-1': 6,
  'own-2': 6,
  'own-3': 6,
  'own-4': 6,
};

/** A tile of a zoom by its column and row. */
export interface TileRef {
  z: number;
  x: number;
  y: number;
}

/** A ring in units of its tile, open: x and y by turns. */
export type Ring = readonly number[];

/** What of a region lies in one tile. */
export interface Piece {
  tile: TileRef;
  /** Outer rings and holes: what an odd number of them encloses is land. */
  rings: readonly Ring[];
  /** West, north, east, south, in units of the tile. */
  box: readonly [number, number, number, number];
  /** In units of the tile, and as a part of the world. */
  area: number;
}

/** The regions of a tile: their rings as they are drawn, which go a little beyond the tile. */
export type TileLand = ReadonlyMap<string, readonly Ring[]>;

/** The tile in which a position lies. */
export function tileAt([lon, lat]: Position, z: number): TileRef {
  const across = 2 ** z;
  const column = Math.floor(((lon + 180) / 360) * across);
  const height = Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI;
  const row = Math.floor(((1 - height) / 2) * across);
  const within = (value: number) => Math.max(0, Math.min(across - 1, value));
  return { z, x: within(column), y: within(row) };
}

/** The position of a point of a tile. */
export function positionIn({ z, x, y }: TileRef, [across, down]: readonly [number, number]): Position {
  const [column, row] = [(x + across / UNITS) / 2 ** z, (y + down / UNITS) / 2 ** z];
  return [column * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - 2 * row))) * 180) / Math.PI];
}

/**
 * The pieces of a region: of the tile in which `anchor` lies, and of every tile into which it goes on
 * from there, in the order in which these are found. A part that lies apart in other tiles is none.
 * `landOf` gives a tile, which may be asked for again.
 */
export async function piecesOf(
  key: string,
  anchor: Position,
  z: number,
  landOf: (tile: TileRef) => Promise<TileLand>,
): Promise<Piece[]> {
  const pieces: Piece[] = [];
  let next = [tileAt(anchor, z)];
  const seen = new Set(next.map(wordOf));
  while (next.length > 0) {
    const found = await Promise.all(next.map(async (tile) => ({ tile, rings: (await landOf(tile)).get(key) ?? [] })));
    pieces.push(...found.flatMap(({ tile, rings }) => pieceOf(tile, rings) ?? []));
    next = found
      .flatMap(({ tile, rings }) => neighbours(tile, rings))
      .filter((tile) => !seen.has(wordOf(tile)) && seen.add(wordOf(tile)));
  }
  return pieces;
}

/** The word of a tile, to tell it from others. */
export const wordOf = ({ z, x, y }: TileRef): string => `${z}/${x}/${y}`;

/** What of some rings lies in the tile itself; null for nothing. */
export function pieceOf(tile: TileRef, rings: readonly Ring[]): Piece | null {
  const cut = rings.map(cutToTile).filter(({ length }) => length >= 6);
  const area = Math.abs(cut.reduce((sum, ring) => sum + areaOf(ring), 0));
  if (area === 0) return null;
  const box: [number, number, number, number] = [UNITS, UNITS, 0, 0];
  for (const ring of cut) {
    for (let at = 0; at < ring.length; at += 2) {
      const [x, y] = [ring[at] ?? 0, ring[at + 1] ?? 0];
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
  }
  return { tile, rings: cut, box, area };
}

/** Where a horizontal line crosses the rings of a piece, ascending: from every first to every second is land. */
export function crossings({ rings }: Piece, y: number): number[] {
  const found: number[] = [];
  for (const ring of rings) {
    let [x0, y0] = [ring.at(-2) ?? 0, ring.at(-1) ?? 0];
    for (let at = 0; at < ring.length; at += 2) {
      const [x1, y1] = [ring[at] ?? 0, ring[at + 1] ?? 0];
      if (y0 > y !== y1 > y) found.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
      [x0, y0] = [x1, y1];
    }
  }
  return found.sort((a, b) => a - b);
}

/** The tiles beside a tile into which rings go on. */
function neighbours({ z, x, y }: TileRef, rings: readonly Ring[]): TileRef[] {
  const across = 2 ** z;
  const sides: readonly [dx: number, dy: number, isBeyond: (x: number, y: number) => boolean][] = [
    [-1, 0, (x) => x < 0],
    [1, 0, (x) => x > UNITS],
    [0, -1, (_, y) => y < 0],
    [0, 1, (_, y) => y > UNITS],
  ];
  return sides.flatMap(([dx, dy, isBeyond]) => {
    const goesOn = rings.some((ring) => ring.some((value, at) => at % 2 === 0 && isBeyond(value, ring[at + 1] ?? 0)));
    const row = y + dy;
    return goesOn && row >= 0 && row < across ? [{ z, x: (x + dx + across) % across, y: row }] : [];
  });
}

/** A ring cut to its tile (Sutherland and Hodgman 1974). O(points). */
function cutToTile(ring: Ring): Ring {
  let cut = ring;
  for (const axis of [0, 1] as const) {
    for (const [limit, sign] of [
      [0, 1],
      [UNITS, -1],
    ] as const) {
      cut = cutAt(cut, axis, limit, sign);
    }
  }
  return cut;
}

/** The part of a ring on one side of a line: above `limit` with sign 1, below with -1. */
function cutAt(ring: Ring, axis: 0 | 1, limit: number, sign: 1 | -1): Ring {
  const isKept = (at: number) => ((ring[at + axis] ?? 0) - limit) * sign >= 0;
  const cut: number[] = [];
  let before = ring.length - 2;
  for (let at = 0; at < ring.length; at += 2) {
    if (isKept(before) !== isKept(at)) {
      const [from, to] = [ring[before + axis] ?? 0, ring[at + axis] ?? 0];
      const other = 1 - axis;
      const [start, end] = [ring[before + other] ?? 0, ring[at + other] ?? 0];
      const crossing = start + ((limit - from) / (to - from)) * (end - start);
      cut.push(...(axis === 0 ? [limit, crossing] : [crossing, limit]));
    }
    if (isKept(at)) cut.push(ring[at] ?? 0, ring[at + 1] ?? 0);
    before = at;
  }
  return cut;
}

/** The signed area of a ring: holes are wound the other way than what they lie in. */
function areaOf(ring: Ring): number {
  let [sum, x0, y0] = [0, ring.at(-2) ?? 0, ring.at(-1) ?? 0];
  for (let at = 0; at < ring.length; at += 2) {
    const [x1, y1] = [ring[at] ?? 0, ring[at + 1] ?? 0];
    sum += x0 * y1 - x1 * y0;
    [x0, y0] = [x1, y1];
  }
  return sum / 2;
}
