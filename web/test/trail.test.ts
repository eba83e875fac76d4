import { expect, test } from 'vitest';
import { goingTo, showingAccount, START, withAsk, withCamera, withPivot, type Screen } from '../src/view/screen';
import { back, forth, NO_TRAIL, withStep } from '../src/view/trail';

const margin = withAsk(START, { measure: 'margin' });
const bavaria = goingTo(margin, { level: 'state', key: '09' });

test('every step is undone and done again', () => {
  const trail = withStep(withStep(NO_TRAIL, START, margin), margin, bavaria);
  const once = back(trail, bavaria);
  expect(once?.screen).toBe(margin);
  const twice = once && back(once.trail, once.screen);
  expect(twice?.screen).toBe(START);
  expect(twice && back(twice.trail, twice.screen)).toBeNull();
  const again = twice && forth(twice.trail, twice.screen);
  expect(again?.screen).toBe(margin);
  expect(again && forth(again.trail, again.screen)?.screen).toBe(bavaria);
});

test('a new step forgets what was undone', () => {
  const undone = back(withStep(NO_TRAIL, START, margin), margin);
  const next = withPivot(START, { columns: ['time.year'] });
  expect(undone && withStep(undone.trail, START, next).future).toEqual([]);
});

test('moving the map and looking at a customer are no steps', () => {
  const moved = withCamera(START, { lon: 10, lat: 50, zoom: 6 });
  expect(withStep(NO_TRAIL, START, moved)).toBe(NO_TRAIL);
  expect(withStep(NO_TRAIL, START, showingAccount(START, 'K1'))).toBe(NO_TRAIL);
});

test('what grows is one step', () => {
  const month = (from: string): Screen => withAsk(START, { period: { kind: 'months', from, to: '2025-12' } });
  const grown = ['2025-01', '2025-02', '2025-03'].reduce(
    ({ trail, at }, from) => ({ trail: withStep(trail, at, month(from), true), at: month(from) }),
    { trail: NO_TRAIL, at: START },
  );
  expect(grown.trail.past).toEqual([START]);
  expect(withStep(grown.trail, grown.at, margin).past).toEqual([START, grown.at]);
});
