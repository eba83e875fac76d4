// Lengths and areas on the ellipsoid of the earth (WGS84).

import type { Position } from '../api/wire';
import { distanceM } from './spot';

/** Semi-major axis in metres and flattening (WGS84). */
const AXIS_M = 6_378_137;
const FLATTENING = 1 / 298.257223563;
const MINOR_M = AXIS_M * (1 - FLATTENING);
const ECCENTRICITY = Math.sqrt(FLATTENING * (2 - FLATTENING));
/** Steps after which points that lie opposite each other are given up on; others need four. */
const MOST_STEPS = 100;

const radians = (degrees: number) => (degrees * Math.PI) / 180;

/**
 * Length of the shortest way in metres, to less than a millimetre (T. Vincenty, "Direct and inverse
 * solutions of geodesics on the ellipsoid", Survey Review 23, 1975). Between points almost opposite
 * each other, where that does not converge, along the great circle of the mean sphere.
 */
export function geodesicM(from: Position, to: Position): number {
  const [u1, u2] = [reduced(from[1]), reduced(to[1])];
  const [sin1, cos1, sin2, cos2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  const apart = radians(to[0] - from[0]);
  let lambda = apart;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const [sinL, cosL] = [Math.sin(lambda), Math.cos(lambda)];
    const sinS = Math.hypot(cos2 * sinL, cos1 * sin2 - sin1 * cos2 * cosL);
    if (sinS === 0) return 0;
    const cosS = sin1 * sin2 + cos1 * cos2 * cosL;
    const arc = Math.atan2(sinS, cosS);
    const sinA = (cos1 * cos2 * sinL) / sinS;
    const cos2A = 1 - sinA * sinA;
    // Along the equator there is no such point.
    const cosM = cos2A === 0 ? 0 : cosS - (2 * sin1 * sin2) / cos2A;
    const c = (FLATTENING / 16) * cos2A * (4 + FLATTENING * (4 - 3 * cos2A));
    const before = lambda;
    lambda = apart + (1 - c) * FLATTENING * sinA * (arc + c * sinS * (cosM + c * cosS * (2 * cosM * cosM - 1)));
    if (Math.abs(lambda - before) < 1e-12) return lengthOf(arc, { sinS, cosS, cos2A, cosM });
  }
  return distanceM(from, to);
}

interface Arc {
  sinS: number;
  cosS: number;
  cos2A: number;
  cosM: number;
}

/** The length of an arc of the auxiliary sphere (equations 3, 4 and 6 of Vincenty). */
function lengthOf(arc: number, { sinS, cosS, cos2A, cosM }: Arc): number {
  const u2 = (cos2A * (AXIS_M ** 2 - MINOR_M ** 2)) / MINOR_M ** 2;
  const a = 1 + (u2 / 16384) * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)));
  const b = (u2 / 1024) * (256 + u2 * (-128 + u2 * (74 - 47 * u2)));
  const inner = cosS * (2 * cosM ** 2 - 1) - (b / 6) * cosM * (4 * sinS ** 2 - 3) * (4 * cosM ** 2 - 3);
  return MINOR_M * a * (arc - b * sinS * (cosM + (b / 4) * inner));
}

const reduced = (lat: number) => Math.atan((1 - FLATTENING) * Math.tan(radians(lat)));

/** Length of a way in metres, leg by leg. */
export const wayM = (positions: readonly Position[]): number => {
  let metres = 0;
  for (const [index, to] of positions.entries()) {
    const from = positions[index - 1];
    if (from) metres += geodesicM(from, to);
  }
  return metres;
};

/**
 * Area of a ring in square metres, closed or not; it may cross itself, then what is gone around the
 * other way counts against it. Latitudes are laid on the sphere of the same area (J. P. Snyder, "Map
 * Projections", 1987, p. 16), so that whole zones are exact; over 1,000 km within 0.1 %.
 */
export function areaM2(ring: readonly Position[]): number {
  let excess = 0;
  for (const [index, from] of ring.entries()) {
    const to = ring[(index + 1) % ring.length] ?? from;
    const [a, b] = [Math.tan(authalic(from[1]) / 2), Math.tan(authalic(to[1]) / 2)];
    excess += 2 * Math.atan2(Math.tan(radians(to[0] - from[0]) / 2) * (a + b), 1 + a * b);
  }
  return Math.abs(excess) * AUTHALIC_M ** 2;
}

/** The part of the half axis that Snyder calls q (equation 3-12). */
function zone(sine: number): number {
  const e = ECCENTRICITY;
  return (1 - e * e) * (sine / (1 - (e * sine) ** 2) - Math.log((1 - e * sine) / (1 + e * sine)) / (2 * e));
}

const POLE = zone(1);
/** Radius of the sphere that has the area of the ellipsoid, in metres. */
const AUTHALIC_M = AXIS_M * Math.sqrt(POLE / 2);

const authalic = (lat: number) => Math.asin(Math.max(-1, Math.min(1, zone(Math.sin(radians(lat))) / POLE)));
