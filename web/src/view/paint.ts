// What each region is painted with: from its figures to colours.

import type { Measure, MeasureWord } from '../api/wire';
import { figure, type RegionCell, type Values } from './answer';
import { classOf, type Classes } from './classes';
import { isRatio, type Look } from './look';
import { UNASSIGNED } from './levels';
import { colourAt, coloursOf, type Palette, type Theme } from './palettes';

/** How one area is painted. */
export interface Paint {
  /** Null where there is nothing to paint: no figure, or too little behind it. */
  colour: string | null;
  /** Whether there is a figure, but of too few customers to be judged. */
  few: boolean;
  faded: boolean;
}

/** What is judged of a figure, and from how much on. */
export interface Judged {
  measure: Measure;
  /** Null where every figure says something. */
  least: Look['least'] | null;
}

export const judgedBy = (measure: MeasureWord | undefined, chosen: Measure, { least }: Look): Judged => ({
  measure: chosen,
  least: isRatio(measure) && least.count > 0 ? least : null,
});

/** Whether too little lies behind a figure. What was not counted is not held against it. */
export const isFew = (values: Values, { measure, least }: Judged): boolean =>
  least !== null && figure(values, measure) !== null && (figure(values, least.of) ?? Infinity) < least.count;

/** The values that classes are made of. */
export const valuesOf = (cells: readonly RegionCell[], judged: Judged): number[] =>
  cells.flatMap(({ key, now }) => {
    const value = figure(now, judged.measure);
    return value === null || key === UNASSIGNED || isFew(now, judged) ? [] : [value];
  });

/** The colours of the classes, and which of these stay while the others fade. */
export interface Inks {
  classes: Classes | null;
  palette: Palette;
  theme: Theme;
  /** Whether values have colours of their own instead of that of their class. */
  continuous: boolean;
  only: readonly number[];
}

/** Gives the paint of figures. */
export function painter(judged: Judged, inks: Inks): (values: Values) => Paint {
  const { classes, palette, theme, continuous, only } = inks;
  const colours = classes ? coloursOf(palette, classes, theme) : [];
  return (values) => {
    const value = figure(values, judged.measure);
    const few = isFew(values, judged);
    if (value === null || few || !classes) return { colour: null, few, faded: false };
    if (continuous) return { colour: colourAt(palette, classes, value, theme), few, faded: false };
    const index = classOf(classes, value);
    return { colour: colours[index] ?? null, few, faded: only.length > 0 && !only.includes(index) };
  };
}
