import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { de } from '../src/words/de';
import { en } from '../src/words/en';
import { say, sayCount, sayOr, sentences } from '../src/words/words';

const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

test('both languages have the same keys and the same places to fill', () => {
  expect(Object.keys(de)).toEqual(Object.keys(en));
  for (const key of Object.keys(en) as (keyof typeof en)[]) {
    expect(places(de[key]), key).toEqual(places(en[key]));
    expect(de[key].trim(), key).not.toBe('');
  }
});

test('words are filled in and counted', () => {
  expect(say('de', 'hover.rank.of', { rank: 1, count: 96 })).toBe('1 von 96');
  expect(sayCount('en', 'scope.customers', 1, '1')).toBe('1 customer');
  expect(sayCount('de', 'scope.customers', 0, '0')).toBe('0 Kunden');
  expect(sayOr('de', 'stage.lead', 'x')).toBe('Interessent');
  expect(sayOr('de', 'stage.unknown', 'x')).toBe('x');
});

test('of numbered sentences those are said that can be filled in', () => {
  expect(sentences('de', 'doubt', {})).toEqual([]);
  const values = { same_name: 'Neustadt', count: '12', population: '50.000' };
  expect(sentences('de', 'doubt', values)).toEqual([
    '12 Orte heißen „Neustadt“.',
    'Genommen wurde der mit 50.000 Einwohnern.',
  ]);
  expect(sentences('en', 'doubt', { ...values, count: '3' })[0]).toBe('3 places are called “Neustadt”.');
});

test('every key is used, whole or by its first part', () => {
  const source = filesOf('src')
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const unused = Object.keys(en).filter((key) => {
    const stem = key.slice(0, key.lastIndexOf('.'));
    const plural = /\.(one|other|\d+)$/.test(key) ? [`'${stem}'`] : [];
    return ![`'${key}'`, `\`${stem}.\${`, ...plural].some((form) => source.includes(form));
  });
  expect(unused).toEqual([]);
});

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('words'))
    .map((entry) => join(entry.parentPath, entry.name));
