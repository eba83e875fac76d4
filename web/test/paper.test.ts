import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { classesOf, fitted } from '../src/view/classes';
import { PLAIN_LOOK, type Method } from '../src/view/look';
import { colourAt, coloursOf, paletteOf, type PaletteName } from '../src/view/palettes';
import { printed, printQuery } from '../src/view/paper';

const casesOf = <Case>(name: string) =>
  JSON.parse(readFileSync(new URL(`../../tests/${name}.json`, import.meta.url), 'utf8')) as Case[];

interface ClassCase {
  about: string;
  values: number[];
  method: Method;
  count: number;
  breaks: number[];
  turns: boolean;
  bounds: number[];
  counts: number[];
  turn: number | null;
}

// The same cases are tested in src/paper/classes.rs.
test.each(casesOf<ClassCase>('classes'))('classes are those of printed maps: $about', (wanted) => {
  const fit = fitted(wanted.values, wanted);
  const classes = fit && classesOf(wanted.values, fit, wanted.method);
  expect(classes?.counts ?? []).toEqual(wanted.counts);
  expect(classes?.bounds.length ?? 0).toBe(wanted.bounds.length);
  wanted.bounds.forEach((bound, index) => {
    expect(classes?.bounds[index]).toBeCloseTo(bound, 6);
  });
  if (wanted.turn === null) expect(classes?.turn ?? null).toBeNull();
  else expect(classes?.turn).toBeCloseTo(wanted.turn, 6);
});

interface ColourCase {
  palette: PaletteName | null;
  method: Method;
  values: number[];
  breaks: number[];
  turn: number | null;
  colours: string[];
}

// The same cases are tested in src/paper/palette.rs.
test.each(casesOf<ColourCase>('colours'))('colours are those of printed maps: $palette $method', (wanted) => {
  const classes = classesOf(wanted.values, wanted, wanted.method);
  const palette = paletteOf(wanted.palette, wanted.turn !== null);
  if (!classes) throw new Error('no classes');
  expect(
    wanted.method === 'continuous'
      ? wanted.values.map((value) => colourAt(palette, classes, value, 'light'))
      : coloursOf(palette, classes, 'light'),
  ).toEqual(wanted.colours);
});

test('a map is printed as it looks', () => {
  const paper = { format: 'pdf', size: 'a3', language: 'de', measure: 'revenue' } as const;
  const plain = 'format=pdf&size=a3&language=de&measure=revenue';
  expect(printQuery(PLAIN_LOOK, paper)).toBe(`${plain}&method=quantile&classes=7&least=customers%3A5`);
  const look = { ...PLAIN_LOOK, palette: 'viridis', held: { breaks: [100, 250], turn: null } } as const;
  expect(printQuery(look, paper)).toBe(
    `${plain}&method=manual&classes=7&bounds=100%2C250&turn=none&palette=viridis&least=customers%3A5`,
  );
  const deviation = { ...PLAIN_LOOK, method: 'deviation', held: { breaks: [100, 250], turn: 175 } } as const;
  expect(printQuery(deviation, paper)).toBe(
    `${plain}&method=manual&classes=7&bounds=100%2C250&turn=175&least=customers%3A5`,
  );
  const continuous = { ...PLAIN_LOOK, method: 'continuous', held: { breaks: [-100, 250], turn: 0 } } as const;
  expect(printQuery(continuous, paper)).toBe(
    `${plain}&method=continuous&classes=7&bounds=-100%2C250&turn=0&least=customers%3A5`,
  );
  const own = { ...PLAIN_LOOK, method: 'manual', breaks: [100, 250] } as const;
  expect(printQuery(own, paper)).toBe(`${plain}&method=manual&classes=7&bounds=100%2C250&least=customers%3A5`);
});

test('a printed question has rows of one level and no changes of its own', () => {
  const question = {
    measures: ['revenue', 'customers'],
    rows: ['region.state'],
    filters: [{ level: 'region.country', in: ['DE'] }],
    sort: [{ by: 'revenue', descending: true }],
  };
  expect(printed({ ...question, limit: 5 })).toEqual(question);
});
