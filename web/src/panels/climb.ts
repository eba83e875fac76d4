// One step up: from an account to its region, from a region to the one that holds it.

import type { Figures } from '../app/figures.svelte';
import type { Session } from '../app/session.svelte';
import { levelOf, type RegionRef } from '../view/levels';
import { exploring } from '../view/screen';

export function climb(session: Session, figures: Figures): void {
  const { screen } = session;
  if (screen.kind === 'account') session.go(exploring(screen));
  else if (screen.kind === 'explore' && screen.ask.at) session.drill(parentOf(figures));
}

function parentOf(figures: Figures): RegionRef | null {
  const step = figures.region.value?.path.at(-2);
  const level = levelOf(step?.level ?? null);
  return step && level ? { level, key: step.key } : null;
}
