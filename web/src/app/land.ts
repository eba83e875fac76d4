// The land of regions: tiles of it are asked for once, and read by a library that comes with the first.

import * as api from '../api/client';
import type { Position } from '../api/wire';
import { LAND_ZOOM, piecesOf, wordOf, type Piece, type Ring, type TileLand, type TileRef } from '../view/land';
import type { Level } from '../view/levels';

/** The land of the regions of a level, in one version of the data. */
export class Land {
  readonly #level: Level;
  readonly #address: Promise<string>;
  readonly #tiles = new Map<string, Promise<TileLand>>();
  readonly #pieces = new Map<string, Promise<Piece[]>>();

  constructor(level: Level, version: string) {
    this.#level = level;
    this.#address = api.tileJson(api.tilesOf(level, version)).then(({ tiles: [first = ''] }) => first);
  }

  /** The pieces of a region around a position in it. */
  piecesOf(key: string, anchor: Position): Promise<Piece[]> {
    const known = this.#pieces.get(key);
    if (known) return known;
    const found = piecesOf(key, anchor, LAND_ZOOM[this.#level], (tile) => this.#landOf(tile));
    this.#pieces.set(key, found);
    found.catch(() => this.#pieces.delete(key));
    return found;
  }

  #landOf(tile: TileRef): Promise<TileLand> {
    const word = wordOf(tile);
    const known = this.#tiles.get(word);
    if (known) return known;
    const loaded = this.#load(tile);
    this.#tiles.set(word, loaded);
    loaded.catch(() => this.#tiles.delete(word));
    return loaded;
  }

  async #load({ z, x, y }: TileRef): Promise<TileLand> {
    const [{ VectorTile }, { PbfReader }, address] = await Promise.all([
      import('@mapbox/vector-tile'),
      import('pbf'),
      this.#address,
    ]);
    const bytes = await api.tile(address.replace('{z}', `${z}`).replace('{x}', `${x}`).replace('{y}', `${y}`));
    const layer = bytes.byteLength > 0 ? new VectorTile(new PbfReader(bytes)).layers[this.#level] : undefined;
    const land = new Map<string, Ring[]>();
    for (let index = 0; index < (layer?.length ?? 0); index += 1) {
      const feature = layer?.feature(index);
      if (!feature) continue;
      const rings = feature.loadGeometry().map((ring) => ring.slice(0, -1).flatMap(({ x, y }) => [x, y]));
      const key = String(feature.properties['key']);
      land.set(key, [...(land.get(key) ?? []), ...rings]);
    }
    return land;
  }
}
