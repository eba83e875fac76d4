// What the map draws, from below to above. A layer that is not in this list does not exist.

import type { Precision } from '../api/wire';
import { SIGN_RADII, TEXT_SIZES } from '../view/signs';
import { ALL_LEVELS, isOwn, keysTell, type Level, type RegionRef } from '../view/levels';
import type { AreaGroup } from '../view/areas';
import { FONT } from './font';
import { HEAT, heatLayer } from './heat';
import type { MapStart } from './scene';
import { OVER_STREETS, STREETS, streetLayers } from './streets';
import { FAR_RADIUS, NEAR_RADIUS, SITES_ZOOM, type DotScale } from './zooms';

/** An expression or value of the map's style language. */
export type Expression = string | number | boolean | null | Expression[];

export interface MapLayer {
  id: string;
  type: 'background' | 'fill' | 'line' | 'circle' | 'symbol' | 'heatmap';
  source?: string;
  'source-layer'?: string;
  minzoom?: number;
  maxzoom?: number;
  filter?: Expression[];
  layout?: Record<string, Expression>;
  paint?: Record<string, Expression>;
}

/** Colours of the map by role. */
export interface Palette {
  water: string;
  land: string;
  border: string;
  areaBorder: string;
  label: string;
  halo: string;
  selection: string;
  site: string;
  siteText: string;
  /** What stands on regions. */
  sign: string;
  precision: Readonly<Record<Precision, string>>;
}

export const HATCH = 'hatch';
export const SPECKLE = 'speckle';
export const HEXAGONS = 'hexagons';

/** Tile sources by name. */
export const SOURCES: readonly string[] = [...ALL_LEVELS, 'sites', HEAT, 'base'];

/** Levels whose borders are drawn for orientation: the zoom they begin at, their width there and at zoom 10. */
const BORDERS: readonly [Level, number, number, number][] = [
  ['municipality', 9.5, 0.3, 0.4],
  ['district', 7, 0.3, 0.7],
  ['state', 3.5, 0.5, 1.3],
  ['country', 0, 0.8, 1.8],
];

export const areaLayer = (level: Level) => `area-${level}`;
const hatchLayer = (level: Level) => `hatch-${level}`;
const speckleLayer = (level: Level) => `speckle-${level}`;
const edgeLayer = (level: Level) => `edge-${level}`;
export const pointedLayer = (level: Level) => `pointed-${level}`;
export const scopeLayer = (level: Level) => `scope-${level}`;
/** The layers that draw the areas of a level. Countries without figures are plain land, not hatched. */
export const layersOf = (level: Level): string[] => [
  areaLayer(level),
  edgeLayer(level),
  speckleLayer(level),
  ...(level === 'country' ? [] : [hatchLayer(level)]),
];
export const SITE_LAYERS = ['sites', 'sites-count'] as const;

/** Whether a layer is of names, which the reader may hide. */
export const isOfNames = ({ id, type, source }: MapLayer): boolean =>
  type === 'symbol' && (source === STREETS || id === 'places' || id === 'capitals');

/** Every layer in its order. */
export function layers({ palette, language, streets }: MapStart): MapLayer[] {
  const coarseFirst = [...ALL_LEVELS];
  const street = streets && streetLayers(streets, language, FONT);
  const waters = [
    vector('rivers', 'line', 'base', 'rivers', {
      minzoom: 5,
      paint: { 'line-color': palette.water, 'line-width': byZoom(5, 0.4, 10, 1.6), 'line-opacity': 0.8 },
    }),
    vector('lakes', 'fill', 'base', 'lakes', { paint: { 'fill-color': palette.water } }),
  ];
  return [
    { id: 'water', type: 'background', paint: { 'background-color': palette.water } },
    vector('land', 'fill', 'country', 'country', { paint: { 'fill-color': palette.land } }),
    ...(street ? [...waters, ...street.ground] : []),
    ...coarseFirst.map((level) => area(level, palette, street ? OVER_STREETS : 1)),
    ...coarseFirst.filter((level) => level !== 'country').map((level) => hatch(level)),
    ...coarseFirst.map((level) => speckle(level)),
    ...(street ? [] : waters),
    ...coarseFirst.map((level) => edge(level, palette)),
    ...hexagons(palette),
    heatLayer(null),
    vector('state-lines', 'line', 'base', 'state_lines', {
      minzoom: 4,
      paint: { 'line-color': palette.border, 'line-width': 0.5, 'line-opacity': 0.5 },
    }),
    ...BORDERS.map(([level, minzoom, from, to]) =>
      vector(`border-${level}`, 'line', level, level, {
        minzoom,
        layout: { 'line-join': 'round' },
        paint: { 'line-color': palette.border, 'line-width': byZoom(4, from, 10, to) },
      }),
    ),
    ...coarseFirst.map((level) => scope(level, palette)),
    ...coarseFirst.map((level) => pointed(level, palette)),
    ...(street?.names ?? labels(palette, language)),
    ...signs(palette),
    ...circles(palette),
    ...selected(palette),
    ...sites(palette, []),
  ];
}

/**
 * The filter of a level's areas: inside what the group includes, outside what it excludes. Where keys
 * do not tell, the answer did; own regions of a country are all of them, also those without figures.
 */
export function groupFilter(group: AreaGroup | undefined, keys: readonly string[]): Expression[] {
  if (!group) return ['boolean', false];
  const { level, include, exclude } = group;
  const isWhole = isOwn(level) && include?.every((region) => region.level === 'country');
  if (!isWhole && include?.some((region) => !keysTell(region.level, level)))
    return ['in', ['get', 'key'], ['literal', [...keys]]];
  const parts: Expression[] = [];
  if (include !== null && !isWhole) parts.push(['any', ...include.map((region) => inside(level, region))]);
  parts.push(...exclude.map((region) => ['!', inside(level, region)]));
  return ['all', ...parts];
}

function inside(level: Level, region: RegionRef): Expression[] {
  const key: Expression = ['get', 'key'];
  if (region.level === level) return ['==', key, region.key];
  if (region.level === 'country') {
    const prefix = `${region.key}-`;
    // German units bear plain numbers; those of other countries their country in front.
    return region.key === 'DE' && level !== 'postal'
      ? ['==', ['index-of', '-', key], -1]
      : ['==', ['slice', key, 0, prefix.length], prefix];
  }
  return ['==', ['slice', key, 0, region.key.length], region.key];
}

const vector = (
  id: string,
  type: MapLayer['type'],
  source: string,
  layer: string,
  rest: Partial<MapLayer>,
): MapLayer => ({
  id,
  type,
  source,
  'source-layer': layer,
  ...rest,
});

const hidden = { visibility: 'none' };
const state = (name: string): Expression => ['feature-state', name];
const byZoom = (z0: number, v0: Expression, z1: number, v1: Expression): Expression => [
  'interpolate',
  ['linear'],
  ['zoom'],
  z0,
  v0,
  z1,
  v1,
];

const hasColour: Expression = ['!=', ['coalesce', state('colour'), ''], ''];
const isFew: Expression = ['boolean', state('few'), false];

function area(level: Level, palette: Palette, opacity: number): MapLayer {
  const faded: Expression = ['boolean', state('faded'), false];
  return vector(areaLayer(level), 'fill', level, level, {
    layout: { ...hidden },
    paint: {
      'fill-color': ['to-color', ['coalesce', state('colour'), palette.land]],
      'fill-opacity': ['case', ['!', hasColour], opacity < 1 ? 0 : 1, faded, 0.18, opacity],
      'fill-antialias': true,
    },
  });
}

const hatch = (level: Level): MapLayer =>
  vector(hatchLayer(level), 'fill', level, level, {
    layout: { ...hidden },
    paint: { 'fill-pattern': HATCH, 'fill-opacity': ['case', ['any', hasColour, isFew], 0, 1] },
  });

const speckle = (level: Level): MapLayer =>
  vector(speckleLayer(level), 'fill', level, level, {
    layout: { ...hidden },
    paint: { 'fill-pattern': SPECKLE, 'fill-opacity': ['case', isFew, 1, 0] },
  });

const edge = (level: Level, palette: Palette): MapLayer =>
  vector(edgeLayer(level), 'line', level, level, {
    layout: { ...hidden, 'line-join': 'round' },
    paint: {
      'line-color': palette.areaBorder,
      'line-width': level === 'municipality' ? byZoom(7, 0.2, 11, 1) : byZoom(4, 0.5, 10, 1.2),
    },
  });

const scope = (level: Level, palette: Palette): MapLayer =>
  vector(scopeLayer(level), 'line', level, level, {
    filter: ['boolean', false],
    layout: { ...hidden, 'line-join': 'round' },
    paint: { 'line-color': palette.label, 'line-width': byZoom(4, 1.2, 10, 2), 'line-opacity': 0.75 },
  });

const pointed = (level: Level, palette: Palette): MapLayer =>
  vector(pointedLayer(level), 'line', level, level, {
    layout: { ...hidden, 'line-join': 'round' },
    paint: {
      'line-color': palette.selection,
      'line-width': 2.5,
      'line-opacity': ['case', ['boolean', state('pointed'), false], 1, 0],
    },
  });

/** Positions to the doorstep or the street; all others are the middle of some area. */
const EXACT: readonly Precision[] = ['house', 'street'];

/** The least radius that is seen, and the least that has room for a number. */
const LEAST_FAR = 1.4;
const LEAST_NEAR = 3.5;
const LEAST_NUMBER = 10;

/** How many sites of a point have one of these precisions. */
const sitesOf = (precisions: readonly Precision[]): Expression => [
  '+',
  ...precisions.map((precision): Expression => ['to-number', ['get', precision], 0]),
];

/**
 * The layers of customers of these precisions, none meaning all. Who is not known to the street is
 * a ring, not a dot: nobody shall take the middle of a postal code for a doorstep. Their size tells
 * how many they are, or with a scale what their measure is.
 */
export function sites(palette: Palette, precisions: readonly Precision[], scale: DotScale | null = null): MapLayer[] {
  const count: Expression = precisions.length > 0 ? sitesOf(precisions) : ['get', 'count'];
  const chosen = precisions.length > 0 ? EXACT.filter((precision) => precisions.includes(precision)) : EXACT;
  const isDot: Expression = chosen.length > 0 ? ['>', sitesOf(chosen), 0] : ['boolean', false];
  const dot: Expression = ['interpolate', ['linear'], ['sqrt', count], 1, 1.4, 5, 3.2, 30, 8, 100, 14];
  const value: Expression = scale ? ['to-number', ['get', scale.measure], 0] : count;
  // Tiles of before lack the measure until those with it are there.
  const sized = (radius: number, least: number, plain: Expression): Expression =>
    scale
      ? ['case', ['has', scale.measure], ['max', least, ['*', radius, rootOf(value, scale.greatest)]], plain]
      : plain;
  const number: Expression = ['>', count, 1];
  const enough = scale ? scale.greatest * (LEAST_NUMBER / NEAR_RADIUS) ** 2 : 0;
  const near = (afar: Expression, here: Expression): Expression => ['step', ['zoom'], afar, SITES_ZOOM, here];
  return [
    vector('sites', 'circle', 'sites', 'sites', {
      minzoom: SITES_ZOOM,
      filter: ['>', count, 0],
      // Small ones lie above large ones.
      layout: { 'circle-sort-key': ['-', 0, value] },
      paint: {
        'circle-color': near(palette.site, ['case', isDot, palette.site, palette.halo]),
        // From afar the cells lie close: dots whose size tells the count, without numbers.
        'circle-radius': byZoom(
          SITES_ZOOM - 1,
          sized(FAR_RADIUS, LEAST_FAR, dot),
          SITES_ZOOM,
          sized(NEAR_RADIUS, LEAST_NEAR, [
            'case',
            ['==', count, 1],
            4.5,
            ['interpolate', ['linear'], ['sqrt', count], 1.4, 8, 3, 9.5, 10, 14, 30, 20, 80, 28],
          ]),
        ),
        'circle-opacity': scale ? 0.8 : ['case', ['==', count, 1], 0.95, 0.88],
        'circle-stroke-color': near(palette.halo, ['case', isDot, palette.halo, palette.site]),
        'circle-stroke-width': byZoom(SITES_ZOOM - 1, 0.5, SITES_ZOOM, ['case', isDot, 1.25, 1.6]),
      },
    }),
    vector('sites-count', 'symbol', 'sites', 'sites', {
      minzoom: SITES_ZOOM,
      filter: scale ? ['all', number, ['>=', value, enough]] : number,
      layout: {
        'text-field': ['to-string', count],
        'text-font': ['literal', FONT],
        'text-size': 11,
        // Of numbers that would lie on each other the largest is written; the others are told at the pointer.
        'text-padding': 0,
        'symbol-sort-key': ['-', 0, count],
      },
      paint: { 'text-color': ['case', isDot, palette.siteText, palette.site] },
    }),
  ];
}

/** The root of a value's part of the greatest, so that areas are in proportion; nothing below zero. */
const rootOf = (value: Expression, greatest: number): Expression => [
  'sqrt',
  ['min', 1, ['/', ['max', 0, value], greatest]],
];

/** Where the truth lies nine times of ten, in the colour of the precision. */
function circles(palette: Palette): MapLayer[] {
  const colours = Object.entries(palette.precision).flat();
  const colour: Expression = ['match', ['get', 'precision'], ...colours, palette.selection];
  const isChosen: Expression = ['boolean', ['get', 'chosen'], false];
  return [
    {
      id: 'circles',
      type: 'fill',
      source: 'circles',
      paint: { 'fill-color': colour, 'fill-opacity': ['case', isChosen, 0.16, 0.05] },
    },
    {
      id: 'circle-lines',
      type: 'line',
      source: 'circles',
      paint: {
        'line-color': colour,
        'line-width': ['case', isChosen, 2, 1],
        'line-opacity': ['case', isChosen, 0.9, 0.55],
      },
    },
  ];
}

function labels(palette: Palette, language: 'de' | 'en'): MapLayer[] {
  const name: Expression =
    language === 'de'
      ? ['case', ['!=', ['coalesce', ['get', 'name_de'], ''], ''], ['get', 'name_de'], ['get', 'name']]
      : ['get', 'name'];
  const isCapital: Expression = ['==', ['to-number', ['get', 'capital'], 0], 1];
  const label = (id: string, filter: Expression, size: Expression): MapLayer =>
    vector(id, 'symbol', 'base', 'places', {
      filter: ['all', filter, ['<=', ['to-number', ['get', 'min_zoom'], 0], ['zoom']]],
      layout: {
        'text-field': name,
        'text-font': ['literal', FONT],
        'text-size': size,
        'text-padding': 6,
        'text-max-width': 8,
        // Above the middle of the place, where customers located by place are drawn.
        'text-anchor': 'bottom',
        'text-offset': ['literal', [0, -0.9]],
        'symbol-sort-key': ['-', 0, ['to-number', ['get', 'population'], 0]],
      },
      paint: {
        'text-color': palette.label,
        'text-halo-color': palette.halo,
        'text-halo-width': 1.4,
        'text-halo-blur': 0.4,
      },
    });
  return [
    label('places', ['!', isCapital], byZoom(4, 10.5, 12, 13)),
    label('capitals', isCapital, byZoom(3, 11.5, 12, 15)),
  ];
}

/** Hexagons in the place of areas; below borders, which tell where they are. */
function hexagons(palette: Palette): MapLayer[] {
  const faded: Expression = ['boolean', ['get', 'faded'], false];
  return [
    {
      id: HEXAGONS,
      type: 'fill',
      source: HEXAGONS,
      filter: ['has', 'colour'],
      paint: {
        'fill-color': ['to-color', ['get', 'colour'], palette.land],
        'fill-opacity': ['case', faded, 0.15, 0.9],
        'fill-outline-color': palette.areaBorder,
      },
    },
    {
      id: 'hexagons-few',
      type: 'fill',
      source: HEXAGONS,
      filter: ['==', ['get', 'few'], true],
      paint: { 'fill-pattern': SPECKLE },
    },
  ];
}

/** Circles, dots and figures on regions. */
function signs(palette: Palette): MapLayer[] {
  const negative: Expression = ['boolean', ['get', 'negative'], false];
  const hollow = (filled: Expression, ring: Expression): Expression => ['case', negative, ring, filled];
  const radii = SIGN_RADII.flatMap(([zoom, radius]): Expression[] => [zoom, ['*', radius, ['get', 'root']]]);
  return [
    {
      id: 'sign-circles',
      type: 'circle',
      source: 'sign-circles',
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['zoom'], ...radii],
        'circle-color': palette.sign,
        'circle-opacity': hollow(0.62, 0.08),
        'circle-stroke-color': hollow(palette.halo, palette.sign),
        'circle-stroke-width': hollow(0.8, 1.5),
      },
    },
    {
      id: 'sign-dots',
      type: 'circle',
      source: 'sign-dots',
      paint: {
        'circle-radius': byZoom(4, hollow(1.4, 1), 9, hollow(2.6, 2)),
        'circle-color': palette.sign,
        'circle-opacity': hollow(0.9, 0),
        'circle-stroke-color': palette.sign,
        'circle-stroke-width': hollow(0, 0.9),
      },
    },
    {
      id: 'sign-figures',
      type: 'symbol',
      source: 'sign-figures',
      layout: {
        'text-field': ['get', 'text'],
        'text-font': ['literal', FONT],
        'text-size': byZoom(TEXT_SIZES.far.zoom, TEXT_SIZES.far.size, TEXT_SIZES.near.zoom, TEXT_SIZES.near.size),
        'text-padding': 1,
        'symbol-sort-key': ['get', 'order'],
      },
      paint: {
        'text-color': palette.label,
        'text-halo-color': palette.halo,
        'text-halo-width': 1.5,
      },
    },
  ];
}

const selected = (palette: Palette): MapLayer[] => [
  {
    id: 'selected',
    type: 'circle',
    source: 'selected',
    paint: {
      'circle-radius': 15,
      'circle-color': palette.selection,
      'circle-opacity': 0.25,
      'circle-stroke-color': palette.selection,
      'circle-stroke-width': 2.5,
    },
  },
];
