// What each region is painted with: from its figures to colours.

import type { Measure, MeasureWord } from '../api/wire';
import { figure, type Cell, type Values } from './answer';
import { bivariateClass } from './bivariate';
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
export const valuesOf = (cells: readonly Cell[], judged: Judged): number[] =>
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

/** What regions have that only carry what stands on them. */
const GROUND: Record<Theme, string> = { light: '#e9f1ee', dark: '#223436' };

/** Gives the paint of plain areas, on which figures stand. */
export const plainPainter =
  (judged: Judged, theme: Theme) =>
  (values: Values): Paint => {
    const few = isFew(values, judged);
    return { colour: figure(values, judged.measure) === null || few ? null : GROUND[theme], few, faded: false };
  };

/** Gives the paint of two measures; a region needs both. */
export function pairPainter(
  judged: readonly [Judged, Judged],
  classes: readonly [Classes | null, Classes | null],
  colours: readonly string[],
  only: readonly number[],
): (values: Values) => Paint {
  const [first, second] = classes;
  return (values) => {
    const [a, b] = judged.map(({ measure }) => figure(values, measure));
    const few = judged.some((one) => isFew(values, one));
    if (a === undefined || b === undefined || a === null || b === null || few || !first || !second)
      return { colour: null, few, faded: false };
    const index = bivariateClass([first, second], a, b);
    return { colour: colours[index] ?? null, few, faded: only.length > 0 && !only.includes(index) };
  };
}
