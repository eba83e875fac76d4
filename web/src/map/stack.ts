// The customers that a stack on the map stands for.

import type { Box, Position } from '../api/wire';

/** Units across a tile; a position in a tile is exact to one of them. */
const TILE_UNITS = 4096;
/** The deepest zoom at which sites have tiles of their own. */
const DEEPEST = 14;

/** The box that surely holds the true position of a site that the map shows at `position`. */
export function stackBox([lon, lat]: Position, zoom: number): Box {
  const reach = (1.5 * 360) / TILE_UNITS / 2 ** Math.min(DEEPEST, Math.floor(zoom));
  return [lon - reach, lat - reach, lon + reach, lat + reach];
}
