// Language and colours: what the browser says first, then what was chosen here.

import type { Language } from '../view/format';

export type Theme = 'light' | 'dark';

const LANGUAGE = 'revier.language';
const THEME = 'revier.theme';

export class Preferences {
  language = $state<Language>(storedLanguage() ?? browserLanguage());
  theme = $state<Theme>(storedTheme() ?? (darkQuery().matches ? 'dark' : 'light'));

  constructor() {
    this.#setTheme(this.theme);
    darkQuery().addEventListener('change', ({ matches }) => {
      if (!storedTheme()) this.#setTheme(matches ? 'dark' : 'light');
    });
  }

  switchLanguage(): void {
    this.language = this.language === 'de' ? 'en' : 'de';
    store(LANGUAGE, this.language);
  }

  switchTheme(): void {
    this.#setTheme(this.theme === 'dark' ? 'light' : 'dark');
    store(THEME, this.theme);
  }

  // The colours change before anyone reads them: the map takes its own from the style sheet.
  #setTheme(theme: Theme): void {
    this.theme = theme;
    document.documentElement.dataset['theme'] = theme;
  }
}

export const prefersStillness = (): boolean => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

const darkQuery = () => window.matchMedia('(prefers-color-scheme: dark)');

const browserLanguage = (): Language => (navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en');

function storedLanguage(): Language | null {
  const word = read(LANGUAGE);
  return word === 'de' || word === 'en' ? word : null;
}

function storedTheme(): Theme | null {
  const word = read(THEME);
  return word === 'light' || word === 'dark' ? word : null;
}

// Storage may be forbidden; the choice then lasts as long as the page.
function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function store(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    return;
  }
}
