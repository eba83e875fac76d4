// What a selection on the map is called.

import type { Session } from '../app/session.svelte';
import type { Shape } from '../api/wire';
import { toldOf } from '../view/shape';

export function shapeName({ say, format }: Session, shape: Shape): string {
  const told = toldOf(shape);
  switch (told.kind) {
    case 'circle':
      return say('shape.circle', { radius: format.length(told.radius_m) });
    case 'box':
      return say('shape.box', { width: format.length(told.width_m), height: format.length(told.height_m) });
    case 'polygon':
      return say('shape.polygon', { area: format.area(told.area_m2) });
  }
}
