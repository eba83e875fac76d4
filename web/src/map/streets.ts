// A street-level base map of the user's own, in the schema of Protomaps: its layers below the areas, its
// names above them, in the colours of the theme.

import { layers, namedFlavor } from '@protomaps/basemaps';
import type { Expression, MapLayer } from './layers';

/** How streets are drawn: in colour or in grey, each in light and dark. */
export type StreetLook = 'light' | 'dark' | 'grayscale' | 'black';

export const STREETS = 'streets';

/** Areas let the streets below them through. */
export const OVER_STREETS = 0.55;

/** What is drawn below the areas, and the names above them. */
export function streetLayers(
  look: StreetLook,
  language: 'de' | 'en',
  font: Expression[],
): { ground: MapLayer[]; names: MapLayer[] } {
  const all = layers(STREETS, namedFlavor(look), { lang: language }) as MapLayer[];
  // The ground beyond the file is that of the plain map.
  const drawn = all.filter(({ type, id }) => type !== 'background' && !PICTURES.includes(id));
  const named = drawn.map((layer) => ({ ...layer, id: `${STREETS}-${layer.id}` }));
  return {
    ground: named.filter(({ type }) => type !== 'symbol'),
    names: named.filter(({ type }) => type === 'symbol').map((layer) => plainly(layer, language, font)),
  };
}

/** Layers that are nothing but pictures, of which there is no sheet. */
const PICTURES = ['roads_oneway', 'roads_shields'];

/** The layer in the font of the screen, without pictures beside its text. */
function plainly(layer: MapLayer, language: 'de' | 'en', font: Expression[]): MapLayer {
  const layout = Object.entries(layer.layout ?? {}).filter(([name]) => !name.startsWith('icon-'));
  const isNumber = layer.id.endsWith('address_label');
  const name: Expression = ['coalesce', ['get', `name:${language}`], ['get', 'name']];
  const text: Record<string, Expression> = isNumber ? {} : { 'text-field': name };
  return { ...layer, layout: { ...Object.fromEntries(layout), ...text, 'text-font': ['literal', font] } };
}
