import { describe, expect, test } from 'vitest';
import type { Candidate, Hit, ReviewItem } from '../src/api/wire';
import { newCandidates } from '../src/view/hits';
import { changed, lineOf, nextOf, offsetOf, openAfter, previousOf, withDecided, withPage } from '../src/view/queue';
import { boxAround, distanceM, handRadiusM, metresPerPixel, precisionOf, ringOf, roundLength } from '../src/view/spot';

const NOWHERE = { street: '', postal_code: '', place: '', state: '', country: '' };

const item = (key: string, code: string | null = 'ambiguous_place', isPlaced = true): ReviewItem => ({
  key,
  name: `Name of ${key}`,
  address: NOWHERE,
  file_address: null,
  position: isPlaced ? [10, 50] : null,
  precision: isPlaced ? 'place' : 'none',
  source: '',
  radius_m: null,
  confidence: 0,
  reason: code === null ? null : { code, detail: '' },
  decided: null,
  candidates: [],
});

describe('the queue', () => {
  const keys = (entries: ReturnType<typeof withPage>) => entries.map(({ item: { key } }) => key).join('');
  const queue = withPage([], [item('a'), item('b'), item('c')]);

  test('takes pages that overlap', () => {
    const decided = changed(queue, 'a', { state: 'decided' });
    const more = withPage(decided, [item('a'), item('c'), item('d')]);
    expect(keys(more)).toBe('abcd');
    expect(more[0]?.state).toBe('decided');
    expect(offsetOf(more)).toBe(3);
  });

  test('goes on behind the end at the start, past what is decided', () => {
    expect(nextOf(queue, null)).toBe('a');
    expect(nextOf(queue, 'a')).toBe('b');
    expect(nextOf(queue, 'c')).toBe('a');
    expect(nextOf(changed(queue, 'b', { state: 'decided' }), 'a')).toBe('c');
    const one = changed(changed(queue, 'a', { state: 'decided' }), 'c', { state: 'decided' });
    expect(nextOf(one, 'b')).toBe('b');
    expect(nextOf(changed(one, 'b', { state: 'decided' }), 'b')).toBeNull();
    expect(nextOf([], 'a')).toBeNull();
  });

  test('goes back to what was decided, and not before the start', () => {
    const decided = changed(queue, 'a', { state: 'decided' });
    expect([previousOf(decided, 'b'), previousOf(decided, 'a')]).toEqual(['a', 'a']);
    expect(openAfter(decided, 'a')).toBe(2);
  });

  test('counts what was decided since it was counted', () => {
    const groups = [
      { reason: 'ambiguous_place', accounts: 2, unplaced: 1 },
      { reason: 'no_country', accounts: 1, unplaced: 1 },
    ];
    const summary = { open: 3, decided: 4, groups };
    const now = withDecided(summary, [item('a'), item('b', 'no_country', false), item('c', null)]);
    expect(now).toEqual({ open: 1, decided: 7, groups: [{ reason: 'ambiguous_place', accounts: 1, unplaced: 1 }] });
    expect(withDecided(summary, [])).toEqual(summary);
  });

  test('writes an address in one line without what is empty', () => {
    expect(lineOf({ ...NOWHERE, street: 'Am Markt 1', place: 'Neustadt' }, 'Deutschland')).toBe(
      'Am Markt 1, Neustadt, Deutschland',
    );
    expect(lineOf(NOWHERE, '')).toBe('');
  });
});

describe('positions', () => {
  test('are as far apart as the degrees between them', () => {
    // A degree of the meridian is a 360th of 40 030.2 km, one along 60° north half of that.
    expect(distanceM([10, 50], [10, 51])).toBeCloseTo(111_195.1, 0);
    expect(distanceM([10, 60], [10.001, 60])).toBeCloseTo(55.6, 1);
    expect(distanceM([10, 50], [10, 50])).toBe(0);
  });

  test('at a zoom have the metres that tiles say', () => {
    expect(metresPerPixel(0, 0)).toBeCloseTo(78_271.5, 1);
    expect(metresPerPixel(60, 4)).toBeCloseTo(78_271.5 / 2 / 16, 1);
  });

  test('set by hand are as exact as the hand, never better than ten metres', () => {
    expect(handRadiusM(48, 18)).toBe(10);
    expect(handRadiusM(48, 14)).toBe(32);
    expect(handRadiusM(48, 10)).toBe(510);
    expect(handRadiusM(0, 0)).toBe(100_000);
    expect([100, 101, 1000, 7100].map(precisionOf)).toEqual(['house', 'street', 'street', 'place']);
  });

  test('have a ring that is everywhere as far away', () => {
    const ring = ringOf([13.4, 52.5], 5000);
    expect(ring[0]).toEqual(ring.at(-1));
    for (const corner of ring) expect(distanceM([13.4, 52.5], corner)).toBeCloseTo(5000, 3);
  });

  test('have a box around their circles', () => {
    expect(boxAround([])).toBeNull();
    const box = boxAround([
      { position: [10, 50], radius_m: 1000 },
      { position: [11, 49], radius_m: 0 },
    ]);
    expect(box?.[0]).toBeLessThan(10);
    expect(box?.[2]).toBe(11);
    expect(box?.[1]).toBe(49);
    expect(distanceM([10, 50], [10, box?.[3] ?? 0])).toBeCloseTo(1000, 3);
  });

  test('are measured by round lengths', () => {
    expect([1, 4.9, 5, 99, 1999, 0.3].map(roundLength)).toEqual([1, 2, 5, 50, 1000, 0.2]);
  });
});

describe('the search', () => {
  const hit = (change: Partial<Hit>): Hit => ({
    kind: 'place',
    key: '',
    name: 'München',
    detail: '',
    position: [11.57, 48.14],
    bounds: null,
    ...change,
  });
  const candidate = (change: Partial<Candidate>): Candidate => ({
    position: [11.575, 48.137],
    precision: 'place',
    source: 'place centre',
    radius_m: 5000,
    confidence: 0.9,
    matched: 'München',
    country: 'DE',
    postal: null,
    is_suggestion: false,
    ...change,
  });
  const names = (hits: Hit[], candidates: Candidate[]) => newCandidates(hits, candidates).map(({ matched }) => matched);

  test('shows a place once', () => {
    expect(names([hit({})], [candidate({})])).toEqual([]);
    expect(names([hit({ position: [7, 50] })], [candidate({})])).toEqual(['München']);
    expect(names([], [candidate({}), candidate({})])).toEqual(['München']);
  });

  test('shows a region once, and a house beside its town', () => {
    const state = hit({ kind: 'region', level: 'region.state', position: null, bounds: [11, 48, 12, 49] });
    expect(names([state], [candidate({})])).toEqual([]);
    const house = candidate({ precision: 'house', matched: 'Am Platzl 1, 80331 München' });
    expect(names([state, hit({})], [house])).toEqual([house.matched]);
    const postal = hit({ kind: 'region', level: 'region.postal', key: '80331', name: '80331', position: null });
    expect(names([postal], [candidate({ postal: 'DE-80331', matched: '80331 München' })])).toEqual([]);
  });

  test('guesses only where nothing is found', () => {
    const guess = candidate({ matched: 'Werl', is_suggestion: true });
    expect(names([hit({})], [guess])).toEqual([]);
    expect(names([], [guess])).toEqual(['Werl']);
  });
});
