import { describe, expect, test } from 'vitest';
import { bivariateColours } from '../src/view/bivariate';
import { along, between, hexOf, labOf, linearOf } from '../src/view/colour';
import { colourAt, coloursOf, PALETTES, paletteOf, placesOf, type Palette, type Theme } from '../src/view/palettes';
import { LEAST_CLASSES, MOST_CLASSES } from '../src/view/look';

/** What light becomes to eyes that lack one kind of cone (Machado, Oliveira and Fernandes 2009, severity 1). */
const EYES: Record<string, number[][]> = {
  all: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** The least distance in OKLab between neighbours: three times what is just seen side by side. */
const LEAST = 0.03;
const THEMES: Theme[] = ['light', 'dark'];

const seen = (colour: string, eye: number[][]) =>
  labOf(hexOf(eye.map((row) => row.reduce((sum, part, at) => sum + part * (linearOf(colour)[at] ?? 0), 0))));

const distance = (a: readonly number[], b: readonly number[]) =>
  Math.hypot(...a.map((part, at) => part - (b[at] ?? 0)));

/** The colours of so many classes, half of them on each side of a turn. */
function classColours(palette: Palette, count: number, theme: Theme): string[] {
  const bounds = Array.from({ length: count + 1 }, (_, index) => index - count / 2);
  return coloursOf(palette, { bounds, counts: [], single: false, turn: palette.diverging ? 0 : null }, theme);
}

describe.each(PALETTES)('$name', (palette) => {
  test.each(THEMES)('has classes that every eye tells apart, %s', (theme) => {
    for (let count = LEAST_CLASSES; count <= MOST_CLASSES; count += 1) {
      const colours = classColours(palette, count, theme);
      for (const [name, eye] of Object.entries(EYES)) {
        const labs = colours.map((colour) => seen(colour, eye));
        // The two sides of a turn are told apart as well, wherever on it.
        const pairs = labs.flatMap((_, at) =>
          (palette.diverging ? [at + 1, count - 1 - at] : [at + 1]).map((to) => [at, to]),
        );
        for (const [from = 0, to = 0] of pairs) {
          const [a, b] = [labs[from], labs[to]];
          if (!a || !b || from === to) continue;
          expect(distance(a, b), `${name}: ${colours[from]} and ${colours[to]} of ${count}`).toBeGreaterThan(LEAST);
        }
      }
    }
  });

  test.each(THEMES)('only gets darker or lighter from its turn on, %s', (theme) => {
    const light = classColours(palette, MOST_CLASSES, theme).map((colour) => labOf(colour)[0]);
    const steps = light.slice(1).map((value, at) => value - (light[at] ?? 0));
    const half = palette.diverging ? steps.length / 2 : 0;
    const away = theme === 'light' ? -1 : 1;
    expect(steps.map((step, at) => Math.sign(step) * (at < half ? -1 : 1))).toEqual(steps.map(() => away));
  });
});

test.each(THEMES)('every eye tells the nine colours of two measures apart, %s', (theme) => {
  const colours = bivariateColours(theme);
  for (const [name, eye] of Object.entries(EYES)) {
    const labs = colours.map((colour) => seen(colour, eye));
    labs.forEach((a, from) =>
      labs.slice(from + 1).forEach((b, at) => {
        const pair = `${name}: ${colours[from]} and ${colours[from + 1 + at]}`;
        expect(distance(a, b), pair).toBeGreaterThan(LEAST);
      }),
    );
  }
});

test('few classes still span the palette', () => {
  const [teal] = PALETTES as [Palette];
  expect(coloursOf(teal, { bounds: [1, 2, 3, 4], counts: [], single: false, turn: null }, 'light')).toEqual([
    '#eef4f1',
    '#7bbaad',
    '#0d5c5e',
  ]);
  expect(classColours(teal, 7, 'light')).toEqual(teal.light);
});

test('both sides of a turn are alike, whatever lies on them', () => {
  const check = (bounds: number[], turn: number | null, places: number[]) =>
    expect(placesOf({ bounds, counts: [], single: false, turn }, true)).toEqual(places);
  check([-2, 0, 1, 2], 0, [0.5 - 0.5 / 3, 0.5 + 0.5 / 3, 1]);
  check([-2, -1, 1, 2, 3], 0, [0.25, 0.5, 0.75, 1]);
  check([1, 2, 3, 4], null, [0, 0.5, 1]);
  check([5, 5], null, [0.5]);
});

test('a continuous scale turns at its turn', () => {
  const blue = paletteOf(null, true);
  const classes = { bounds: [-10, 40], counts: [3], single: false, turn: 0 };
  expect(colourAt(blue, classes, 0, 'light')).toBe(blue.light[2]);
  expect(colourAt(blue, classes, 40, 'light')).toBe(blue.light[4]);
  expect(colourAt(blue, classes, -10, 'light')).toBe(along(blue.light, 0.375));
  expect(colourAt(paletteOf('grey', true), { ...classes, turn: null }, 99, 'light')).toBe('#2f3536');
});

test('colours are mixed as the eye sees them', () => {
  expect(between('#000000', '#ffffff', 0.5)).toBe('#636363');
  expect(labOf('#ffffff').map((part) => Number(part.toFixed(3)) + 0)).toEqual([1, 0, 0]);
  expect(hexOf(linearOf('#d9722e'))).toBe('#d9722e');
});
