import { describe, expect, test } from 'vitest';
import { isOfNames, layers, type Expression, type Palette } from '../src/map/layers';
import { OVER_STREETS, type StreetLook } from '../src/map/streets';

const palette = new Proxy({} as Palette, { get: (_, name) => (name === 'precision' ? {} : '#000000') });
const drawn = (streets: StreetLook | null) =>
  layers({ palette, language: 'de', camera: null, streets, tiles: (layer) => layer });

describe('a base map of streets', () => {
  const street = drawn('grayscale');
  const place = (id: string) => street.findIndex((layer) => layer.id === id);

  test('lies below the areas, its names above them', () => {
    expect(place('streets-roads_highway')).toBeGreaterThan(place('land'));
    expect(place('streets-roads_highway')).toBeLessThan(place('area-country'));
    expect(place('streets-places_locality')).toBeGreaterThan(place('area-municipality'));
    expect(place('streets-places_locality')).toBeLessThan(place('sites'));
  });

  test('needs no pictures and no fonts from elsewhere', () => {
    const names = street.filter(({ source, type }) => source === 'streets' && type === 'symbol');
    expect(names.length).toBeGreaterThan(3);
    for (const { layout } of names) {
      expect(Object.keys(layout ?? {}).filter((name) => name.startsWith('icon-'))).toEqual([]);
      expect(layout?.['text-font']).toEqual(['literal', ['Noto Sans Variable']]);
    }
    expect(JSON.stringify(street)).not.toContain('http');
  });

  test('shines through the areas and takes the place of the plain names', () => {
    const opacity = (layers: ReturnType<typeof drawn>): Expression | undefined =>
      layers.find(({ id }) => id === 'area-state')?.paint?.['fill-opacity'];
    expect(JSON.stringify(opacity(street))).toContain(String(OVER_STREETS));
    expect(JSON.stringify(opacity(drawn(null)))).not.toContain(String(OVER_STREETS));
    expect(place('places')).toBe(-1);
    expect(street.filter(isOfNames).every(({ source }) => source === 'streets')).toBe(true);
    expect(
      drawn(null)
        .filter(isOfNames)
        .map(({ id }) => id),
    ).toEqual(['places', 'capitals']);
  });
});
