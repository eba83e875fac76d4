// Positions with how exact they are: circles, distances, and what a hand on the map can tell.

import type { Box, Position, Precision } from '../api/wire';

/** Mean radius of the earth in metres (IUGG). */
const EARTH_M = 6_371_008.8;
/** Metres around the equator (WGS84), over which tiles of 512 pixels are laid at zoom 0. */
const EQUATOR_M = 40_075_016.686;
const TILE_PIXELS = 512;
/** How well a pin is set by hand, in pixels, and at best, in metres. */
const HAND_PIXELS = 10;
const HAND_M = 10;
/** The largest radius that the server takes for a pin, in metres. */
const WIDEST_M = 100_000;

const radians = (degrees: number) => (degrees * Math.PI) / 180;
const degrees = (angle: number) => (angle * 180) / Math.PI;

/** Great-circle distance in metres. */
export function distanceM([lon1, lat1]: Position, [lon2, lat2]: Position): number {
  const [a, b] = [radians(lat1), radians(lat2)];
  const h = Math.sin((b - a) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(radians(lon2 - lon1) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Metres under one pixel of the map. */
export const metresPerPixel = (lat: number, zoom: number): number =>
  (EQUATOR_M * Math.cos(radians(lat))) / TILE_PIXELS / 2 ** zoom;

/** To within how many metres a pin is right that was set by hand at a zoom, in two digits. */
export function handRadiusM(lat: number, zoom: number): number {
  const metres = Math.min(WIDEST_M, Math.max(HAND_M, HAND_PIXELS * metresPerPixel(lat, zoom)));
  return Number(metres.toPrecision(2));
}

/** What a pin counts as that is right to within so many metres, by the measure of the server. */
export const precisionOf = (radiusM: number): Precision =>
  radiusM <= 100 ? 'house' : radiusM <= 1000 ? 'street' : 'place';

/** The ring of a circle on the earth, closed. */
export function ringOf([lon, lat]: Position, radiusM: number, corners = 72): Position[] {
  const [arc, centre] = [radiusM / EARTH_M, radians(lat)];
  return Array.from({ length: corners + 1 }, (_, index): Position => {
    const bearing = (2 * Math.PI * (index % corners)) / corners;
    const north = Math.asin(Math.sin(centre) * Math.cos(arc) + Math.cos(centre) * Math.sin(arc) * Math.cos(bearing));
    const east = Math.atan2(
      Math.sin(bearing) * Math.sin(arc) * Math.cos(centre),
      Math.cos(arc) - Math.sin(centre) * Math.sin(north),
    );
    return [lon + degrees(east), degrees(north)];
  });
}

/** The box around positions, each with the metres around it; null for none. */
export function boxAround(spots: readonly { position: Position; radius_m: number }[]): Box | null {
  const boxes = spots.map(({ position: [lon, lat], radius_m }): Box => {
    const north = degrees(radius_m / EARTH_M);
    const east = north / Math.max(0.01, Math.cos(radians(lat)));
    return [lon - east, lat - north, lon + east, lat + north];
  });
  const [first, ...rest] = boxes;
  return first
    ? rest.reduce<Box>(
        (all, box) => [
          Math.min(all[0], box[0]),
          Math.min(all[1], box[1]),
          Math.max(all[2], box[2]),
          Math.max(all[3], box[3]),
        ],
        first,
      )
    : null;
}

/** The greatest of 1, 2 and 5 times a power of ten that is not above `most`, for the scale of a map. */
export function roundLength(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  return ([5, 2, 1].find((step) => step * power <= most) ?? 1) * power;
}
