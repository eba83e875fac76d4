// One layer of the drawn map: set only where that changes something, since the map library starts
// its work again at every setting.

import type * as maplibre from 'maplibre-gl';
import type { Expression, MapLayer } from './layers';

export function setVisible(map: maplibre.Map, id: string, visible: boolean): void {
  const wanted = visible ? 'visible' : 'none';
  if (map.getLayoutProperty(id, 'visibility') !== wanted) map.setLayoutProperty(id, 'visibility', wanted);
}

export function setFilter(map: maplibre.Map, id: string, filter: Expression[]): void {
  if (JSON.stringify(map.getFilter(id)) !== JSON.stringify(filter))
    map.setFilter(id, filter as maplibre.FilterSpecification);
}

/** Gives a layer that is drawn another filter and look; its place and source stay. */
export function setLook(map: maplibre.Map, { id, filter, paint, layout }: MapLayer): void {
  if (filter) setFilter(map, id, filter);
  for (const [name, value] of Object.entries(paint ?? {})) map.setPaintProperty(id, name as never, value as never);
  for (const [name, value] of Object.entries(layout ?? {})) map.setLayoutProperty(id, name as never, value as never);
}
