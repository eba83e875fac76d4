// What lies under a point of the map.

import type * as maplibre from 'maplibre-gl';
import type { Position, Precision } from '../api/wire';
import { ALL_LEVELS } from '../view/levels';
import { areaLayer, HEXAGONS, SITE_LAYERS } from './layers';
import type { Target } from './scene';

/** How far from the middle of the pointer a customer is still meant, in pixels. */
const REACH = 3;

/** Which customers are drawn, and what their tiles tell of them. */
interface Drawn {
  /** Customers are only those of these precisions; none means all. */
  precisions: readonly Precision[];
  measure: string | null;
}

/** The customer, the customers, the hexagon or the area at a point; null for none. */
export function targetAt(map: maplibre.Map, point: maplibre.Point, { precisions, measure }: Drawn): Target | null {
  const sites = SITE_LAYERS.filter((id) => map.getLayer(id));
  const reach: [maplibre.PointLike, maplibre.PointLike] = [
    [point.x - REACH, point.y - REACH],
    [point.x + REACH, point.y + REACH],
  ];
  const [site] = map.queryRenderedFeatures(reach, { layers: [...sites] });
  if (site) return siteTarget(site, precisions, measure);
  const [hexagon] = map.getLayer(HEXAGONS) ? map.queryRenderedFeatures(point, { layers: [HEXAGONS] }) : [];
  if (hexagon) {
    const { lng, lat } = map.unproject(point).wrap();
    return { kind: 'hexagon', key: String(hexagon.properties['key']), position: [lng, lat] };
  }
  const [area] = map.queryRenderedFeatures(point, { layers: ALL_LEVELS.map(areaLayer) });
  if (!area) return null;
  const { key, name } = area.properties as { key: string; name: string };
  const level = ALL_LEVELS.find((candidate) => areaLayer(candidate) === area.layer.id);
  return level ? { kind: 'area', region: { level, key }, name } : null;
}

function siteTarget(
  site: maplibre.MapGeoJSONFeature,
  precisions: readonly Precision[],
  measure: string | null,
): Target | null {
  if (site.geometry.type !== 'Point') return null;
  const position = site.geometry.coordinates as Position;
  const properties = site.properties as { count: number; key?: string; name?: string } & Partial<
    Record<Precision, number>
  >;
  const { count, key, name } = properties;
  const known = measure === null ? undefined : (site.properties as Record<string, unknown>)[measure];
  const value = typeof known === 'number' ? known : null;
  if (count === 1 && key !== undefined) return { kind: 'account', account: key, name: name ?? key, position, value };
  const shown = precisions.reduce((sum, precision) => sum + (properties[precision] ?? 0), 0);
  const isWhole = precisions.length === 0 || shown === count;
  return { kind: 'stack', count: isWhole ? count : shown, position, value: isWhole ? value : null };
}
