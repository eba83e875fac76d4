// Palettes of the map. All of them can be told apart with the common colour vision deficiencies, and
// from class to class they only get darker, or lighter, from their turn outwards (test/palettes.test.ts).

import { along } from './colour';
import { classOf, positionOf, type Classes } from './classes';

export type Theme = 'light' | 'dark';
export type PaletteName =
  'teal' | 'viridis' | 'cividis' | 'ember' | 'grey' | 'orange_blue' | 'brown_teal' | 'purple_green';

export interface Palette {
  name: PaletteName;
  /** From both sides of a turn, instead of from little to much. */
  diverging: boolean;
  /** Equally far apart, from the least value on. What is near the ground stands out least. */
  light: readonly string[];
  dark: readonly string[];
}

const VIRIDIS = [
  '#440154', '#482878', '#3e4a89', '#31688e', '#26828e', '#1f9e89', '#35b779', '#6ece58', '#b5de2b', '#fde725',
]; // prettier-ignore
const CIVIDIS = ['#00224e', '#123570', '#3b496c', '#575d6d', '#707173', '#8a8678', '#a59c74', '#c3b369', '#e1cc55', '#fee838']; // prettier-ignore

export const PALETTES: readonly Palette[] = [
  {
    name: 'teal',
    diverging: false,
    light: ['#eef4f1', '#d3e6df', '#a9d3c6', '#7bbaad', '#4c9e94', '#257d78', '#0d5c5e'],
    dark: ['#1f3031', '#224244', '#275959', '#327370', '#489189', '#71b3a7', '#a9d8cb'],
  },
  { name: 'viridis', diverging: false, light: VIRIDIS.toReversed(), dark: VIRIDIS },
  { name: 'cividis', diverging: false, light: CIVIDIS.toReversed(), dark: CIVIDIS },
  {
    name: 'ember',
    diverging: false,
    light: ['#fdf3dc', '#f8cf7e', '#e8943a', '#b9501f', '#6b1f12'],
    dark: ['#2e211b', '#6b3117', '#b4561f', '#e8973f', '#fbe3aa'],
  },
  { name: 'grey', diverging: false, light: ['#f1f2f2', '#2f3536'], dark: ['#272e30', '#e9edec'] },
  {
    name: 'orange_blue',
    diverging: true,
    light: ['#a8470f', '#e39b5e', '#f3f2ee', '#7fabd8', '#1b4f8a'],
    dark: ['#f7b27c', '#b0662c', '#2a3133', '#3f76b3', '#a3cbf7'],
  },
  {
    name: 'brown_teal',
    diverging: true,
    light: ['#7a4510', '#cf9a4a', '#f3f2ee', '#5fb2ae', '#0d5c5e'],
    dark: ['#e8c08a', '#9c6722', '#2a3133', '#27827f', '#a9d8cb'],
  },
  {
    name: 'purple_green',
    diverging: true,
    light: ['#57307f', '#b189d6', '#f3f2f3', '#7cc47f', '#1d6433'],
    dark: ['#d5b6f2', '#80599f', '#2a3133', '#4f8a57', '#b4e3b5'],
  },
];

const [FIRST] = PALETTES as [Palette];

/** The palette of a name; of none the one that fits. */
export const paletteOf = (name: PaletteName | null, isTwoSided: boolean): Palette =>
  PALETTES.find((palette) => palette.name === (name ?? (isTwoSided ? 'orange_blue' : 'teal'))) ?? FIRST;

/** The colour of each class; of a continuous scale, those of its two ends and between. */
export function coloursOf(palette: Palette, classes: Classes, theme: Theme): string[] {
  const colours = palette[theme];
  return placesOf(classes, palette.diverging).map((place) => along(colours, place));
}

/** The colour of a value on a continuous scale. */
export function colourAt(palette: Palette, classes: Classes, value: number, theme: Theme): string {
  const { bounds, turn } = classes;
  if (!palette.diverging || turn === null) return along(palette[theme], positionOf(classes, value));
  const reach = Math.max(...bounds.map((bound) => Math.abs(bound - turn)));
  return along(palette[theme], reach > 0 ? 0.5 + (value - turn) / (2 * reach) : 0.5);
}

/** Where each class stands in the palette, 0 to 1: few classes still span it, both sides of a turn alike. */
export function placesOf({ bounds, turn }: Classes, isDiverging: boolean): number[] {
  const count = bounds.length - 1;
  const even = Array.from({ length: count }, (_, index) => (count === 1 ? 0.5 : index / (count - 1)));
  if (!isDiverging || turn === null) return even;
  const middle = classOf({ bounds }, turn);
  // With a bound at the turn itself, no class lies on both of its sides.
  const steps = even.map((_, index) => index - middle + (middle > 0 && bounds[middle] === turn ? 0.5 : 0));
  const reach = Math.max(...steps.map(Math.abs), 0.5);
  return steps.map((step) => 0.5 + step / (2 * reach));
}

/** Colours of parts that have no order, the last for the others (Okabe and Ito 2008). */
export const PART_COLOURS: readonly string[] = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#8a8f90'];

/** Of the figures before and now, side by side. */
export const BAR_COLOURS: Record<Theme, readonly [before: string, now: string]> = {
  light: ['#9aa9a7', '#0d5c5e'],
  dark: ['#6b7a79', '#71d0c3'],
};
