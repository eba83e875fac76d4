// What can be done from the search box.

import type { Session } from '../app/session.svelte';
import { MEASURES, showingImports, showingRelocation, showingReview, withAsk } from '../view/screen';

export interface Command {
  name: string;
  run: () => void;
}

export function commandsOf(session: Session, showKeys: () => void): Command[] {
  const { say, preferences } = session;
  const known = session.model.value?.measures.filter((measure) => measure.available) ?? [];
  const available = new Set(known.map(({ id }) => id));
  const own = known.filter((measure) => measure.own).map(({ id }) => id);
  return [
    { name: say('command.world'), run: () => session.drill(null) },
    { name: say('command.import'), run: () => session.go(showingImports(session.screen, null)) },
    { name: say('command.review'), run: () => session.go(showingReview(session.screen, null)) },
    { name: say('command.relocation'), run: () => session.go(showingRelocation(session.screen)) },
    {
      name: say(preferences.theme === 'dark' ? 'command.light' : 'command.dark'),
      run: () => preferences.switchTheme(),
    },
    { name: say('command.language'), run: () => preferences.switchLanguage() },
    { name: say('command.keys'), run: showKeys },
    ...[...MEASURES.filter((measure) => available.has(measure)), ...own].map((measure) => ({
      name: say('command.measure', { name: session.measureName(measure) }),
      run: () => session.go(withAsk(session.screen, { measure })),
    })),
  ];
}
