// Saved views by their names: their order, which of them is on the screen, which are looked for.

import type { View } from '../api/wire';
import { readAddress, writeAddress } from '../view/address';
import type { Screen } from '../view/screen';

/** Signs of a name at most, as the server counts them. */
export const MAX_NAME = 80;

/** The views in the order of the reader's language. */
export function byName(views: readonly View[], locale: string): View[] {
  const { compare } = new Intl.Collator(locale, { numeric: true });
  return [...views].sort((one, other) => compare(one.name, other.name));
}

/** The views whose name has every word of `text`. */
export function fitting(views: readonly View[], text: string, locale: string): View[] {
  const words = text.toLocaleLowerCase(locale).split(/\s+/).filter(Boolean);
  return views.filter(({ name }) => words.every((word) => name.toLocaleLowerCase(locale).includes(word)));
}

/** The view of this name without regard to capitals, as the server compares them. */
export function namedLike(views: readonly View[], name: string): View | undefined {
  const wanted = name.trim();
  const alike = views.filter((view) => view.name.toLowerCase() === wanted.toLowerCase());
  return alike.find((view) => view.name === wanted) ?? alike[0];
}

/** Whether `view` is what the screen shows; where the map stands makes no difference to that. */
export const isShown = (view: View, screen: Screen): boolean => settled(readAddress(view.address)) === settled(screen);

const settled = (screen: Screen): string => writeAddress({ ...screen, camera: null });

/** Whether the server takes `name`. */
export function fits(name: string): boolean {
  const signs = [...name.trim()].length;
  return signs > 0 && signs <= MAX_NAME;
}
