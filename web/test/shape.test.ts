import { describe, expect, test } from 'vitest';
import type { Position } from '../src/api/wire';
import { areaM2, geodesicM, wayM } from '../src/view/geodesy';
import { boxOf, circleOf, MOST_CORNERS, outlineOf, polygonOf, readShape, toldOf, writeShape } from '../src/view/shape';

/** A ring of `count` corners around Kassel that bulges in and out. */
const star = (count: number): Position[] =>
  Array.from({ length: count }, (_, index) => {
    const angle = (2 * Math.PI * index) / count;
    const radius = 1 + 0.4 * Math.sin(17 * angle);
    return [9.5 + radius * Math.cos(angle), 51.3 + 0.6 * radius * Math.sin(angle)];
  });

describe('lengths and areas on the ellipsoid', () => {
  // Expected: GeographicLib 2.0 (PyPI geographiclib), Geodesic.WGS84.
  test.each([
    [[13.405, 52.52], [11.575, 48.137], 504_612.741844],
    [[0, 0], [90, 0], 10_018_754.171395],
    [[151.21, -33.87], [-74.01, 40.71], 15_987_645.623701],
    [[7, 50], [7, 50], 0],
  ] as [Position, Position, number][])('%j to %j', (from, to, metres) =>
    expect(geodesicM(from, to)).toBeCloseTo(metres, 3),
  );

  test('points opposite each other have the length of the sphere', () =>
    expect(geodesicM([0, 0], [179.9, 0.1]) / 1000).toBeCloseTo(20_000, -2));

  test('a way is the sum of its legs', () => {
    const [a, b, c]: Position[] = [
      [10, 50],
      [11, 50],
      [11, 51],
    ];
    expect(wayM([a, b, c] as Position[])).toBe(
      geodesicM(a as Position, b as Position) + geodesicM(b as Position, c as Position),
    );
    expect(wayM([])).toBe(0);
  });

  const area = (ring: Position[], expected: number) => expect(areaM2(ring) / expected).toBeCloseTo(1, 3);
  test('an area of a town', () => area([[11.5, 48.1], [11.6, 48.1], [11.6, 48.2]], 41_408_933.94)); // prettier-ignore
  test('an area of a region', () => area([[10, 48], [12, 48], [12, 50], [10, 50]], 32_545_617_717.8)); // prettier-ignore
  test('an area of a country', () => area([[6, 47], [15, 47], [15, 55], [6, 55]], 560_869_875_683.8)); // prettier-ignore
});

describe('a shape', () => {
  test('has few corners, and its address comes back', () => {
    const made = polygonOf(star(900), 0.0001);
    expect(made?.simplified).toBe(true);
    const shape = made && made.shape;
    expect(shape && outlineOf(shape).length).toBe(MOST_CORNERS + 1);
    const text = shape ? writeShape(shape) : '';
    expect(text).toMatch(/^polygon:[\w-]+$/);
    expect(text.length).toBeLessThan(800);
    expect(readShape(text)).toEqual(shape);
  });

  test('keeps every corner that could be seen', () => {
    const corners = star(9);
    const made = polygonOf(corners, 0.001);
    expect(made?.simplified).toBe(false);
    for (const [lon, lat] of corners)
      expect(made && outlineOf(made.shape).some((corner) => Math.hypot(corner[0] - lon, corner[1] - lat) < 0.001)).toBe(
        true,
      );
  });

  test('gets corners where straight on the map is not straight in degrees', () => {
    const triangle: Position[] = [
      [6, 47],
      [15, 55],
      [6, 55],
    ];
    expect(polygonOf(triangle, 1)?.shape).toEqual({ polygon: triangle });
    const near = polygonOf(triangle, 0.01)?.shape;
    // The middle of the slanting edge on the map lies north of the middle in degrees.
    const middle = (180 / Math.PI) * Math.atan(Math.sinh((Math.asinh(Math.tan((47 * Math.PI) / 180)) + Math.asinh(Math.tan((55 * Math.PI) / 180))) / 2)); // prettier-ignore
    const ring = near ? outlineOf(near) : [];
    expect(ring.length).toBeGreaterThan(4);
    expect(Math.min(...ring.map(([lon, lat]) => Math.hypot(lon - 10.5, lat - middle)))).toBeLessThan(0.5);
  });

  test('that encloses nothing is none', () => {
    expect(polygonOf([[10, 50], [11, 51]], 0.01)).toBeNull(); // prettier-ignore
    expect(boxOf([10, 50, 10, 51], 0.01)).toBeNull();
    expect(circleOf([10, 50], 4)).toBeNull();
  });

  test('stays on the earth', () => {
    const made = boxOf([170, -89, 190, 10], 0.1);
    expect(made && outlineOf(made.shape).map(([lon]) => lon)).toEqual([170, 180, 180, 170, 170]);
    const shape = circleOf([11.5755123, 48.1], 12_345.6);
    expect(shape).toEqual({ circle: { center: [11.57551, 48.1], radius_m: 12_350 } });
    expect(readShape(shape && writeShape(shape))).toEqual(shape);
  });

  test.each([
    null, '', 'circle:', 'circle:11,48', 'circle:11,48,0', 'circle:200,48,500', 'circle:a,b,c',
    'polygon:', 'polygon:2AA', 'polygon:2AAAAA', 'polygon:9AAAAAA', 'polygon:2ÄAAAAAA', 'polygon:2__________________',
  ])('is not made of %j', (text) => expect(readShape(text)).toBeNull()); // prettier-ignore

  test('is told by its kind and size', () => {
    const box = boxOf([10, 48, 12, 50], 0.01);
    expect(box && toldOf(box.shape)).toMatchObject({ kind: 'box' });
    const told = box && toldOf(box.shape);
    if (told?.kind === 'box') expect([told.width_m / 1000, told.height_m / 1000].map(Math.round)).toEqual([146, 222]);
    const star9 = polygonOf(star(9), 0.001);
    expect(star9 && toldOf(star9.shape).kind).toBe('polygon');
  });
});
