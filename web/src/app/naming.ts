// The words of the cube as the reader knows them: levels, measures and members.

import type { Unit } from '../api/wire';
import type { Figure } from '../pivot/figure';
import { isChange } from '../pivot/figure';
import { NOTHING, UNSCALED, type Scale } from '../view/format';
import { levelOf, UNASSIGNED } from '../view/levels';
import type { Session } from './session.svelte';

/** `region.state` as `State`. */
export function levelName(session: Session, word: string): string {
  const [dimension = '', step = ''] = word.split('.');
  const hierarchy = session.model.value?.hierarchies?.find(({ level }) => level === word);
  if (hierarchy) return hierarchy.name;
  if (step.startsWith('h3_')) return session.say('cube.hexagon', { n: step.slice(3) });
  const level = dimension === 'region' ? levelOf(word) : null;
  return level ? session.levelName(level) : session.sayOr(`cube.${word.replace('.', '_')}`, word);
}

/** A measure's name. */
export const measureName = (session: Session, id: string): string => session.measureName(id);

/** `revenue.rank` as `Revenue, rank`. */
export function figureName(session: Session, { measure, modifier }: Pick<Figure, 'measure' | 'modifier'>): string {
  const name = measureName(session, measure);
  return modifier ? `${name}, ${session.sayOr(`modifier.${modifier}`, modifier)}` : name;
}

/** A member's name in the reader's language. */
export function memberName(session: Session, level: string, key: string, name: string): string {
  if (key === UNASSIGNED) return session.say(level.startsWith('region.') ? 'table.unassigned' : 'member.unassigned');
  if (level === 'region.country') return session.format.country(key, name);
  if (level === 'account.stage') return session.sayOr(`stage.${key}`, name);
  if (level === 'time.month') return session.format.month(key);
  if (level === 'time.day') return session.format.day(key);
  return name;
}

/** A figure for a column whose heading has its unit. */
export function figureText({ format }: Session, figure: Figure, value: string | number | null, scale: Scale): string {
  if (value === null) return NOTHING;
  if (typeof value === 'string') return figure.unit === 'day' ? format.day(value) : value;
  if (isChange(figure)) return figure.modifier === 'change' ? format.points(value) : format.change(value);
  if (figure.decimals !== undefined && figure.unit === 'share') return format.exact(value, `share_${figure.decimals}`);
  if (figure.decimals !== undefined && figure.unit === 'number')
    return format.exact(value, `number_${figure.decimals}`);
  if (figure.unit === 'share') return format.percent(value);
  if (figure.unit === 'number') return format.number(value);
  return isScaled(figure.unit) ? format.scaled(value, figure.unit, scale) : String(value);
}

/** A figure on its own, with its unit. */
export function figureAlone(session: Session, figure: Figure, value: string | number | null): string {
  return typeof value === 'number' && isScaled(figure.unit)
    ? session.format.exact(value, figure.unit)
    : figureText(session, figure, value, UNSCALED);
}

/** Whether a unit is written in thousands and millions. */
export const isScaled = (unit: Unit): unit is 'money' | 'count' | 'quantity' =>
  unit === 'money' || unit === 'count' || unit === 'quantity';
