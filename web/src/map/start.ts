// What every map of a session begins with.

import * as api from '../api/client';
import type { Session } from '../app/session.svelte';
import type { Camera } from '../view/screen';
import { readPalette } from './palette';
import type { MapStart } from './scene';
import type { StreetLook } from './streets';

export const mapStart = (session: Session, camera: Camera | null): MapStart => ({
  palette: readPalette(),
  language: session.preferences.language,
  camera,
  streets: streetLook(session),
  tiles: (layer) => api.tilesOf(layer, session.model.value?.version ?? ''),
});

/** Changes with every look that a map must be styled anew for. */
export const styledBy = (session: Session): string => {
  const { language, theme } = session.preferences;
  return `${language} ${theme} ${streetLook(session) ?? ''}`;
};

function streetLook({ model, screen, preferences }: Session): StreetLook | null {
  if ((model.value?.streets ?? null) === null || screen.streets === 'off') return null;
  const isDark = preferences.theme === 'dark';
  if (screen.streets === 'grey') return isDark ? 'black' : 'grayscale';
  return isDark ? 'dark' : 'light';
}
