// The few shapes that the screen itself puts on the map: the chosen customer, and the circles within
// which the truth lies.

import type * as maplibre from 'maplibre-gl';
import type { Position } from '../api/wire';
import { ringOf } from '../view/spot';
import type { Circle, Scene } from './scene';

export function drawMarks(map: maplibre.Map, scene: Scene): void {
  map.getSource<maplibre.GeoJSONSource>('selected')?.setData(pointAt(scene.selected));
  map.getSource<maplibre.GeoJSONSource>('circles')?.setData(rings(scene.circles));
}

export const collection = <G>(features: { properties: Record<string, unknown>; geometry: G }[]) => ({
  type: 'FeatureCollection' as const,
  features: features.map((feature) => ({ type: 'Feature' as const, ...feature })),
});

export const pointAt = (position: Position | null) =>
  collection(position ? [{ properties: {}, geometry: { type: 'Point' as const, coordinates: position } }] : []);

export const rings = (circles: readonly Circle[]) =>
  collection(
    circles.map(({ position, radius_m, precision, chosen }) => ({
      properties: { precision, chosen },
      geometry: { type: 'Polygon' as const, coordinates: [ringOf(position, radius_m)] },
    })),
  );
