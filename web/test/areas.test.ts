import { expect, test } from 'vitest';
import { groupFilter } from '../src/map/layers';
import { areaGroups, coveredCountries, draws, mapLevel, tableLevel, type Place } from '../src/view/areas';
import {
  countryOf,
  cubeLevel,
  isFinest,
  isInside,
  levelOf,
  stateOf,
  UNASSIGNED,
  type Level,
  type RegionRef,
} from '../src/view/levels';
import { START } from '../src/view/screen';

const germany: RegionRef = { level: 'country', key: 'DE' };
const bavaria: RegionRef = { level: 'state', key: '09' };
const california: RegionRef = { level: 'state', key: 'US-CA' };
const upperBavaria: RegionRef = { level: 'government_district', key: '091' };
const ask = (at: RegionRef | null, level: Level | 'auto' = 'auto') => ({ ...START.ask, at, level });
const place = (region: RegionRef, child: Level | null): Place => ({ region, child });

test('keys tell what lies inside', () => {
  expect(isInside(bavaria, 'district', '09162')).toBe(true);
  expect(isInside(bavaria, 'district', '08111')).toBe(false);
  expect(isInside(germany, 'municipality', '09162000')).toBe(true);
  expect(isInside({ level: 'country', key: 'AT' }, 'postal', 'AT-1010')).toBe(true);
  expect(isInside({ level: 'country', key: 'AT' }, 'state', '09')).toBe(false);
  expect(isInside(bavaria, 'postal', 'DE-80331')).toBeNull();
  expect(isInside(bavaria, 'country', 'DE')).toBe(false);
  expect(countryOf('municipality', '09162000')).toBe('DE');
  expect(isInside(california, 'district', 'US-CA-037')).toBe(true);
  expect(isInside(california, 'district', 'US-CO-037')).toBe(false);
  expect(isInside({ level: 'country', key: 'US' }, 'district', 'US-CA-037')).toBe(true);
  expect(stateOf('US-CA-037')).toBe('CA');
  expect(stateOf('09162')).toBeNull();
});

test('the United States end at the county', () => {
  const us: RegionRef = { level: 'country', key: 'US' };
  const losAngeles: RegionRef = { level: 'district', key: 'US-CA-037' };
  expect([california, losAngeles].map(isFinest)).toEqual([false, true]);
  expect(isFinest({ level: 'district', key: '09162' })).toBe(false);
  expect(isFinest({ level: 'district', key: UNASSIGNED })).toBe(false);
  expect(tableLevel(ask(us, 'municipality'), place(us, 'state'))).toBe('district');
  expect(tableLevel(ask(us, 'postal'), place(us, 'state'))).toBe('postal');
  expect(tableLevel(ask(losAngeles), place(losAngeles, null))).toBe('district');
  expect(mapLevel(ask(california), place(california, 'district'), 9)).toBe('district');
});

test('the table shows children, or what was fixed', () => {
  expect(tableLevel(ask(null), null)).toBe('country');
  expect(tableLevel(ask(germany), place(germany, 'state'))).toBe('state');
  expect(tableLevel(ask(germany, 'district'), place(germany, 'state'))).toBe('district');
  expect(tableLevel(ask(bavaria, 'country'), place(bavaria, 'government_district'))).toBe('government_district');
});

test('the map follows the zoom, never coarser than the table', () => {
  expect(mapLevel(ask(germany), place(germany, 'state'), 5.2)).toBe('district');
  expect(mapLevel(ask(germany), place(germany, 'state'), 2)).toBe('state');
  expect(mapLevel(ask(null), null, 4.8)).toBe('country');
  expect(mapLevel(ask(null), null, 6)).toBe('district');
  expect(mapLevel(ask(germany, 'state'), place(germany, 'state'), 9)).toBe('state');
  expect(mapLevel(ask(upperBavaria), place(upperBavaria, 'district'), 8.5)).toBe('municipality');
  const austria: RegionRef = { level: 'country', key: 'AT' };
  expect(mapLevel(ask(austria), place(austria, 'postal'), 7)).toBe('country');
});

test('an opened branch is drawn finer and cut out of its level', () => {
  const groups = areaGroups(germany, 'state', [{ region: bavaria, child: 'government_district' }], []);
  const drawn = (level: Level, key: string) => groups.filter((group) => draws(group, { level, key })).length;
  expect(drawn('state', '09')).toBe(0);
  expect(drawn('state', '08')).toBe(1);
  expect(drawn('government_district', '091')).toBe(1);
  expect(drawn('government_district', '051')).toBe(0);
  expect(drawn('state', UNASSIGNED)).toBe(0);
});

test('branches within branches leave no hole and no overlap', () => {
  const opened = [
    { region: bavaria, child: 'government_district' as const },
    { region: upperBavaria, child: 'district' as const },
  ];
  const groups = areaGroups(germany, 'state', opened, []);
  const drawn = (level: Level, key: string) => groups.some((group) => draws(group, { level, key }));
  expect(drawn('government_district', '091')).toBe(false);
  expect(drawn('government_district', '092')).toBe(true);
  expect(drawn('district', '09162')).toBe(true);
  expect(drawn('district', '09271')).toBe(false);
});

test('branches that are coarser than the map change nothing', () => {
  const groups = areaGroups(germany, 'district', [{ region: bavaria, child: 'government_district' }], []);
  expect(groups).toEqual([{ level: 'district', include: [germany], exclude: [] }]);
});

test('the world shows finer areas where there are some, else the country', () => {
  const cell = { name: '', now: {}, before: null };
  const covered = coveredCountries([
    { ...cell, level: 'district', key: '09162' },
    { ...cell, level: 'district', key: UNASSIGNED },
  ]);
  expect(covered).toEqual(['DE']);
  const groups = areaGroups(null, 'district', [], covered);
  const drawn = (level: Level, key: string) => groups.some((group) => draws(group, { level, key }));
  expect(drawn('district', '09162')).toBe(true);
  expect(drawn('country', 'DE')).toBe(false);
  expect(drawn('country', 'AT')).toBe(true);
});

test('filters of the map say the same in its language', () => {
  expect(groupFilter({ level: 'district', include: [bavaria], exclude: [] }, [])).toEqual([
    'all',
    ['any', ['==', ['slice', ['get', 'key'], 0, 2], '09']],
  ]);
  expect(groupFilter(undefined, [])).toEqual(['boolean', false]);
  expect(groupFilter({ level: 'postal', include: [bavaria], exclude: [] }, ['DE-80331'])).toEqual([
    'in',
    ['get', 'key'],
    ['literal', ['DE-80331']],
  ]);
  expect(groupFilter({ level: 'postal', include: [germany], exclude: [] }, [])).toEqual([
    'all',
    ['any', ['==', ['slice', ['get', 'key'], 0, 3], 'DE-']],
  ]);
});

const sales: RegionRef = { level: 'own-1', key: 'S' };

test('own regions are a level by their word and lie across the others', () => {
  expect(levelOf('own.1')).toBe('own-1');
  expect(levelOf('region.state')).toBe('state');
  expect([levelOf('own.5'), levelOf('state'), levelOf('region.own-1'), levelOf(null)]).toEqual([
    null,
    null,
    null,
    null,
  ]);
  expect([cubeLevel('own-4'), cubeLevel('postal')]).toEqual(['own.4', 'region.postal']);
  expect(isInside(sales, 'own-1', 'S')).toBe(true);
  expect(isInside(sales, 'own-1', 'N')).toBe(false);
  expect(isInside(sales, 'district', '09162')).toBeNull();
  expect(isInside(germany, 'own-1', 'S')).toBeNull();
  expect(isInside(germany, 'own-1', UNASSIGNED)).toBe(false);
  expect(isFinest(sales)).toBe(true);
});

test('the table of an own region shows its children, itself, or the level that was chosen', () => {
  expect(tableLevel(ask(null, 'own-1'), null)).toBe('own-1');
  expect(tableLevel(ask(germany, 'own-1'), place(germany, 'state'))).toBe('own-1');
  expect(tableLevel(ask(sales, 'own-1'), place(sales, null))).toBe('own-1');
  expect(tableLevel(ask(sales, 'own-1'), place(sales, 'own-2'))).toBe('own-2');
  expect(tableLevel(ask(sales), place(sales, 'own-2'))).toBe('own-2');
  expect(tableLevel(ask(sales, 'municipality'), place(sales, null))).toBe('municipality');
  expect(mapLevel(ask(sales), place(sales, null), 9)).toBe('own-1');
  expect(mapLevel(ask(null, 'own-1'), null, 2)).toBe('own-1');
});

test('own regions are drawn alone: no country beside them', () => {
  expect(areaGroups(null, 'own-1', [], [])).toEqual([{ level: 'own-1', include: null, exclude: [] }]);
  const [group] = areaGroups(germany, 'own-1', [], []);
  expect(group && draws(group, { level: 'own-1', key: 'S' })).toBe(true);
  expect(group && draws(group, { level: 'own-1', key: UNASSIGNED })).toBe(false);
});

test('what keys do not tell of own regions, the answer did', () => {
  const told = (keys: string[]) => ['in', ['get', 'key'], ['literal', keys]];
  expect(groupFilter({ level: 'own-1', include: [germany], exclude: [] }, ['S'])).toEqual(['all']);
  expect(groupFilter({ level: 'own-1', include: [bavaria], exclude: [] }, ['S'])).toEqual(told(['S']));
  expect(groupFilter({ level: 'district', include: [sales], exclude: [] }, ['09162'])).toEqual(told(['09162']));
  expect(groupFilter({ level: 'own-1', include: [sales], exclude: [] }, [])).toEqual([
    'all',
    ['any', ['==', ['get', 'key'], 'S']],
  ]);
});
