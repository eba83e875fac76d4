// The colours of the map, read from the roles of the style sheet.

import type { Palette } from './layers';

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const role = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    water: role('map-water'),
    land: role('map-land'),
    border: role('map-border'),
    areaBorder: role('map-area-border'),
    label: role('map-label'),
    halo: role('map-halo'),
    selection: role('map-selection'),
    site: role('map-site'),
    siteText: role('map-site-text'),
    sign: role('map-sign'),
    precision: {
      house: role('precision-house'),
      street: role('precision-street'),
      postal: role('precision-postal'),
      place: role('precision-place'),
      region: role('precision-region'),
      none: role('precision-none'),
    },
  };
}
