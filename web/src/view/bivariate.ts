// Two measures at once: three classes of each, nine colours.

import type { Classes } from './classes';
import { classOf } from './classes';
import { hexOf, linearOf } from './colour';
import type { Theme } from './palettes';

/** Classes of each measure. */
export const SIDE = 3;

/** What each class of the first and of the second measure makes of the ground. */
const INKS: Record<Theme, { ground: string; first: readonly string[]; second: readonly string[] }> = {
  light: {
    ground: '#f0f1ef',
    first: ['#ffffff', '#a3cdf0', '#3f8fd6'],
    second: ['#ffffff', '#f7c795', '#e98a34'],
  },
  dark: {
    ground: '#263032',
    first: ['#000000', '#1b4d7a', '#2f86c8'],
    second: ['#000000', '#7a4a12', '#d08a30'],
  },
};

/** The nine colours, the first measure growing within a row, the second from row to row. */
export function bivariateColours(theme: Theme): string[] {
  const { ground, first, second } = INKS[theme];
  return second.flatMap((over) => first.map((under) => mixed(ground, [under, over], theme)));
}

/** The place of two values among the nine colours. */
export const bivariateClass = (classes: readonly [Classes, Classes], first: number, second: number): number =>
  SIDE * classOf(classes[1], second) + classOf(classes[0], first);

/** Inks darken light ground as glass does, and lighten dark ground as lamps do. */
function mixed(ground: string, inks: readonly string[], theme: Theme): string {
  const light = inks
    .map(linearOf)
    .reduce(
      (sum, ink) => sum.map((part, at) => (theme === 'light' ? part * (ink[at] ?? 0) : part + (ink[at] ?? 0))),
      linearOf(ground),
    );
  return hexOf(light);
}
