import { describe, expect, test } from 'vitest';
import type { Position } from '../src/api/wire';
import { DotField, dotsOf, fittingPer, leastPer } from '../src/view/dots';
import { peakOf } from '../src/view/heat';
import { crossings, pieceOf, piecesOf, tileAt, UNITS, wordOf, type Ring, type TileLand } from '../src/view/land';

const rectangle = (west: number, north: number, east: number, south: number): Ring => [
  west,
  north,
  east,
  north,
  east,
  south,
  west,
  south,
];

/** A rectangle wound the other way. */
const hole = (west: number, north: number, east: number, south: number): Ring => [
  west,
  north,
  west,
  south,
  east,
  south,
  east,
  north,
];

/** How far down the world a position is. */
const heightOf = ([, lat]: Position) => (1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2;

/** Tiles of zoom 1 with a region `a` that goes from the first a little into the second, and `b` below. */
const TILES: Record<string, [string, Ring[]][]> = {
  '1/0/0': [
    ['a', [rectangle(1000, 1000, UNITS + 64, 3000), hole(2000, 1500, 3000, 2500)]],
    ['b', [rectangle(0, 3500, 500, 4000)]],
  ],
  '1/1/0': [['a', [rectangle(-64, 1000, 1000, 3000)]]],
};

const asked: string[] = [];
const landOf = (tile: { z: number; x: number; y: number }): Promise<TileLand> => {
  asked.push(wordOf(tile));
  return Promise.resolve(new Map(TILES[wordOf(tile)] ?? []));
};
const a = () => piecesOf('a', [-100, 60], 1, landOf);

describe('the land of a region', () => {
  test('is in the tile of its anchor and those that it goes on into', async () => {
    asked.length = 0;
    const pieces = await a();
    expect(asked).toEqual(['1/0/0', '1/1/0']);
    expect(pieces.map(({ tile }) => wordOf(tile))).toEqual(['1/0/0', '1/1/0']);
  });

  test('ends where its tile ends, so that pieces do not overlap', async () => {
    const [first, second] = await a();
    expect([first?.box, second?.box]).toEqual([
      [1000, 1000, UNITS, 3000],
      [0, 1000, 1000, 3000],
    ]);
    expect([second?.area]).toEqual([2_000_000]);
  });

  test('has no area where its holes are', () => {
    const piece = pieceOf({ z: 0, x: 0, y: 0 }, [rectangle(0, 0, 10, 10), hole(2, 2, 4, 4)]);
    expect(piece?.area).toBe(96);
    expect(piece && crossings(piece, 3)).toEqual([0, 2, 4, 10]);
    expect(pieceOf({ z: 0, x: 0, y: 0 }, [rectangle(-9, 0, -1, 9)])).toBeNull();
  });
});

describe('dots', () => {
  test('are as many as the figure has of what each stands for', () => {
    expect([24, 25, -26, 74, 0].map((value) => dotsOf(value, 50))).toEqual([0, 1, 1, 1, 0]);
    expect([fittingPer([4_000_000, -1_000_000]), fittingPer([]), leastPer([4_000_000])]).toEqual([2000, 1, 200]);
  });

  test('lie on the land, each time at the same place', async () => {
    const pieces = await a();
    const dots = new DotField().positions('state:a', pieces, 400);
    expect(new DotField().positions('state:a', await a(), 400)).toEqual(dots);
    expect(new Set(dots.map(String)).size).toBe(400);
    for (const dot of dots) {
      const tile = tileAt(dot, 1);
      const y = heightOf(dot) * 2 * UNITS;
      const x = (((dot[0] + 180) / 360) * 2 - tile.x) * UNITS;
      expect(tile.y, String(dot)).toBe(0);
      const isInHole = tile.x === 0 && x > 2000 && x < 3000 && y > 1500 && y < 2500;
      expect(isInHole || y < 1000 - 1e-6 || y > 3000 + 1e-6, String(dot)).toBe(false);
      expect(tile.x === 0 ? x >= 1000 - 1e-6 : x <= 1000 + 1e-6, String(dot)).toBe(true);
    }
  });

  test('are spread by the size of the pieces, and stay where they are when there are more', async () => {
    const pieces = await a();
    const field = new DotField();
    const few = [...field.positions('state:a', pieces, 30)];
    const many = field.positions('state:a', pieces, 2000);
    expect(many.slice(0, 30)).toEqual(few);
    const east = many.filter(([lon]) => lon >= 0).length / 2000;
    expect(east).toBeGreaterThan(0.22);
    expect(east).toBeLessThan(0.28);
    expect(field.positions('state:b', [...pieces], 30)).not.toEqual(few);
  });

  test('of land as thin as a line lie on it', () => {
    const sliver = pieceOf({ z: 0, x: 0, y: 0 }, [[0, 0, 1, 0, 4096, 4096, 4095, 4096]]);
    const dots = new DotField().positions('x', sliver ? [sliver] : [], 50);
    for (const [lon, lat] of dots) {
      expect(Math.abs((lon + 180) / 360 - heightOf([lon, lat]))).toBeLessThan(1 / 4096);
    }
    expect(dots.length).toBe(50);
    expect(new DotField().positions('x', [], 5)).toEqual([]);
  });
});

test('a smoothed picture is densest where weights lie together', () => {
  const at = (x: number, weight: number) => ({ x, y: 0, weight });
  const alone = peakOf([at(5, 2)], 30);
  expect(alone).toBeCloseTo(2 * 0.39894, 4);
  expect(peakOf([at(5, 2), at(500, 1)], 30)).toBe(alone);
  expect(peakOf([at(29, 2), at(31, 2)], 30)).toBeGreaterThan(1.9 * alone);
  expect(peakOf([], 30)).toBe(0);
});
