// Spans of time as days and months, without clock or time zone.

/** Months as `2025-03`, both included. `recent` is the last twelve months of the figures. */
export type Period = { kind: 'recent' } | { kind: 'all' } | { kind: 'months'; from: string; to: string };

/** Days as `2025-03-14`, both included. */
export interface Days {
  from: string;
  to: string;
}

/** The days of a period within the days that have figures; null when there are no figures. */
export function daysOf(period: Period, extent: Days | null): Days | null {
  if (!extent) return null;
  switch (period.kind) {
    case 'all':
      return extent;
    case 'recent': {
      const from = `${addMonths(monthOf(extent.to), -11)}-01`;
      return { from: from < extent.from ? extent.from : from, to: extent.to };
    }
    case 'months': {
      const to = lastDayOf(period.to);
      return { from: `${period.from}-01`, to: to > extent.to && period.from <= monthOf(extent.to) ? extent.to : to };
    }
  }
}

/** The same days one year earlier; 29 February becomes 28 February. */
export function yearBefore(days: Days): Days {
  return { from: dayYearBefore(days.from), to: dayYearBefore(days.to) };
}

/** Whether the figures reach back to the first month of `days`, so that a comparison is fair. */
export const isCovered = (days: Days, extent: Days): boolean => monthOf(days.from) >= monthOf(extent.from);

export const monthOf = (day: string): string => day.slice(0, 7);

/** `2025-11` and 3 to `2026-02`. */
export function addMonths(month: string, count: number): string {
  const index = monthIndex(month) + count;
  return `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((((index % 12) + 12) % 12) + 1).padStart(2, '0')}`;
}

/** Months since the year 0; the distance of two is the number of months between them. */
export const monthIndex = (month: string): number => Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1;

/** Every month from `from` to `to`, both included. */
export function monthsBetween(from: string, to: string): string[] {
  const count = monthIndex(to) - monthIndex(from) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => addMonths(from, index));
}

/** The place of a month among `months`, which follow each other; of one beyond them the nearest. */
export const placeOf = (month: string, months: readonly string[]): number =>
  Math.max(0, Math.min(months.length - 1, monthIndex(month) - monthIndex(months[0] ?? month)));

export const isMonth = (text: string): boolean => /^\d{4}-(0[1-9]|1[0-2])$/.test(text);

/** `recent`, `all`, or the first and last month: `2024-01..2024-12`. */
export const writePeriod = (period: Period): string =>
  period.kind === 'months' ? `${period.from}..${period.to}` : period.kind;

/** The period of an address; what makes none is the last twelve months. */
export function readPeriod(text: string | null): Period {
  if (text === 'all') return { kind: 'all' };
  const [from = '', to = ''] = (text ?? '').split('..');
  return isMonth(from) && isMonth(to) && from <= to ? { kind: 'months', from, to } : { kind: 'recent' };
}

/** `2024-02` to `2024-02-29`. */
export function lastDayOf(month: string): string {
  const day = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 0)).getUTCDate();
  return `${month}-${String(day).padStart(2, '0')}`;
}

function dayYearBefore(day: string): string {
  const month = addMonths(monthOf(day), -12);
  const last = lastDayOf(month);
  const isMonthEnd = day === lastDayOf(monthOf(day));
  const same = `${month}-${day.slice(8)}`;
  return isMonthEnd || same > last ? last : same;
}
