// A source of vector tiles whose address changes while it is drawn.

import type * as maplibre from 'maplibre-gl';

export class TileSwap {
  readonly #map: maplibre.Map;
  readonly #name: string;
  #address = '';
  /** Whether tiles of another address may be among those in view. */
  #mixed = false;
  #gone = false;

  constructor(map: maplibre.Map, name: string) {
    this.#map = map;
    this.#name = name;
  }

  /** Forgets what was drawn: the style is new. */
  restart(): void {
    this.#address = '';
    this.#mixed = false;
  }

  /** Asks for tiles of another address; those that are there stay until the new ones are. */
  show(address: string): void {
    // Before its description is there it has none, whatever its type says.
    const before = (this.#source?.tiles as string[] | undefined)?.[0];
    if (this.#source && this.#address !== address && before !== address) {
      this.#mixed = before !== undefined;
      this.#source.setTiles([address]);
    }
    this.#address = address;
  }

  /**
   * Loads the tiles again at rest: those under way or styled while the address changed stayed as
   * they were. The others come from the cache of the browser. Whether the map will come to rest again.
   */
  rest(): boolean {
    if (!this.#mixed || !this.#source) return false;
    this.#mixed = false;
    this.#source.setTiles([this.#address]);
    this.#wake();
    return true;
  }

  remove(): void {
    this.#gone = true;
  }

  get #source(): maplibre.VectorTileSource | undefined {
    return this.#map.getSource<maplibre.VectorTileSource>(this.#name);
  }

  /** Draws once the tiles are there: those that came back the same wake nobody, and rest is told by a drawing. */
  #wake(): void {
    requestAnimationFrame(() => {
      if (this.#gone || !this.#source) return;
      if (this.#map.isSourceLoaded(this.#name)) this.#map.triggerRepaint();
      else this.#wake();
    });
  }
}
