// The columns of the region table.

import type { Measure } from '../api/wire';
import type { Session } from '../app/session.svelte';
import type { SortBy } from '../view/rows';

export interface Column {
  by: SortBy;
  title: string;
  /** For those who hear the heading. */
  long: string;
}

export interface Columns {
  list: Column[];
  /** The widths as a grid template. */
  template: string;
}

/** Region, the measure with its unit, the change, the customers, and the share where the measure adds up. */
export function columnsOf(session: Session, measure: Measure, additive: boolean, unit: string): Columns {
  const { say } = session;
  const name = session.measureName(measure);
  const list: Column[] = [
    { by: 'name', title: say('table.region'), long: say('table.region') },
    { by: 'value', title: [name, unit].filter(Boolean).join(', '), long: name },
    { by: 'change', title: say('table.before'), long: say('table.before.long') },
  ];
  const widths = ['minmax(96px, 1fr)', 'minmax(84px, 0.5fr)', '60px'];
  if (measure !== 'customers') {
    list.push({ by: 'customers', title: say('measure.customers'), long: say('measure.customers') });
    widths.push('62px');
  }
  if (additive) {
    list.push({ by: 'share', title: say('table.share'), long: say('table.share') });
    widths.push('52px');
  }
  return { list, template: widths.join(' ') };
}
