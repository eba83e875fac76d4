// What stands on regions or in their place: circles, figures, hexagons, and small charts.

import type * as maplibre from 'maplibre-gl';
import type { Position } from '../api/wire';
import { GlyphCanvas } from './glyphs';
import { HEXAGONS, type Palette } from './layers';
import { collection } from './marks';
import { NO_SIGNS, type Signs } from './scene';

const [CIRCLES, FIGURES, DOTS] = ['sign-circles', 'sign-figures', 'sign-dots'];

/** The sources of signs, with nothing in them. */
export const signSources = (): maplibre.StyleSpecification['sources'] =>
  Object.fromEntries(
    [CIRCLES, FIGURES, DOTS, HEXAGONS].map((name) => [
      name,
      { type: 'geojson', data: collection<Feature['geometry']>([]) },
    ]),
  );

export class SignPainter {
  readonly #map: maplibre.Map;
  readonly #glyphs: GlyphCanvas;
  #drawn: Signs = NO_SIGNS;

  constructor(map: maplibre.Map) {
    this.#map = map;
    this.#glyphs = new GlyphCanvas(map);
  }

  /** Forgets what was drawn: the style is new. */
  restart(palette: Palette): void {
    this.#drawn = NO_SIGNS;
    this.#glyphs.restart(palette);
  }

  /** Draws what is another than before. */
  draw(signs: Signs): void {
    const { circles, figures, dots, hexagons, glyphs } = signs;
    if (circles !== this.#drawn.circles)
      this.#set(
        CIRCLES,
        circles.map(({ position, root, negative }) => pointOf(position, { root, negative })),
      );
    if (figures !== this.#drawn.figures)
      this.#set(
        FIGURES,
        figures.map(({ position, text, order }) => pointOf(position, { text, order })),
      );
    if (dots !== this.#drawn.dots) this.#set(DOTS, [dotsAt(dots.above, false), dotsAt(dots.below, true)]);
    if (hexagons !== this.#drawn.hexagons)
      this.#set(
        HEXAGONS,
        hexagons.map(({ key, ring, paint: { colour, few, faded } }) => ({
          properties: { key, few, faded, ...(colour === null ? {} : { colour }) },
          geometry: { type: 'Polygon' as const, coordinates: [[...ring]] },
        })),
      );
    if (glyphs !== this.#drawn.glyphs) this.#glyphs.draw(glyphs);
    this.#drawn = signs;
  }

  #set(source: string | undefined, features: Feature[]): void {
    this.#map.getSource<maplibre.GeoJSONSource>(source ?? '')?.setData(collection(features));
  }
}

interface Feature {
  properties: Record<string, unknown>;
  geometry:
    | { type: 'Point'; coordinates: Position }
    | { type: 'MultiPoint'; coordinates: Position[] }
    | { type: 'Polygon'; coordinates: Position[][] };
}

const dotsAt = (positions: readonly Position[], negative: boolean): Feature => ({
  properties: { negative },
  geometry: { type: 'MultiPoint', coordinates: [...positions] },
});

const pointOf = (position: Position, properties: Record<string, unknown>): Feature => ({
  properties,
  geometry: { type: 'Point', coordinates: position },
});
