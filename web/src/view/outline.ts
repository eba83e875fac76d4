// The outlines of hexagons. The library that knows them is loaded when the first is drawn.

import type { Position } from '../api/wire';

/** The closed ring of each cell, not torn apart at the edge of the world. */
export async function outlinesOf(cells: readonly string[]): Promise<ReadonlyMap<string, Position[]>> {
  const { cellToBoundary, isValidCell } = await import('h3-js');
  return new Map(cells.filter(isValidCell).map((cell) => [cell, together(cellToBoundary(cell, true) as Position[])]));
}

/** A ring whose neighbours are never more than half the world apart. */
function together(ring: readonly Position[]): Position[] {
  const first = ring[0]?.[0] ?? 0;
  return ring.map(([lon, lat]) => [lon - first > 180 ? lon - 360 : lon - first < -180 ? lon + 360 : lon, lat]);
}
