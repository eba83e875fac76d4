// The steps that were taken, so that each can be undone and done again.

import { exploring, withCamera, type Screen } from './screen';
import { writeAddress } from './address';

export interface Trail {
  past: readonly Screen[];
  future: readonly Screen[];
  /** Whether the last step may still grow: a brush moved by keys is one step, however many keys. */
  open: boolean;
}

export const NO_TRAIL: Trail = { past: [], future: [], open: false };

/** How many steps are kept. */
const MOST_STEPS = 200;

/**
 * The trail after going from `before` to `after`. Moving the map, looking at a customer and pages
 * beside the workspace are no steps. Of steps that `grow` in a row only the first is kept.
 */
export function withStep(trail: Trail, before: Screen, after: Screen, grow = false): Trail {
  if (essence(before) === essence(after)) return trail;
  if (grow && trail.open) return { ...trail, future: [] };
  return { past: [...trail.past, before].slice(-MOST_STEPS), future: [], open: grow };
}

/** The screen before the last step and the trail from there; null at the start. */
export function back(trail: Trail, now: Screen): { screen: Screen; trail: Trail } | null {
  const screen = trail.past.at(-1);
  if (!screen) return null;
  return { screen, trail: { past: trail.past.slice(0, -1), future: [now, ...trail.future], open: false } };
}

/** The screen after the step that was undone last; null when none was. */
export function forth(trail: Trail, now: Screen): { screen: Screen; trail: Trail } | null {
  const [screen, ...future] = trail.future;
  if (!screen) return null;
  return { screen, trail: { past: [...trail.past, now], future, open: false } };
}

const essence = (screen: Screen) => writeAddress(withCamera(exploring(screen), null));
