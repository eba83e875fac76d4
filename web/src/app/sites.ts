// The customers that a question means, as the server keeps them for the map.

import * as api from '../api/client';
import type { Question } from '../api/wire';
import { INSTEAD, meantSites, type MeantSites } from '../view/sites';

/** Some data lets orders add up over customers, some does not: then the dots show what always does. */
export async function askSites(question: Question, signal: AbortSignal): Promise<MeantSites> {
  const [measure = INSTEAD] = question.measures;
  try {
    const kept = await api.keepQuestion(question, signal);
    return meantSites(measure, await api.tileJson(kept.tiles, signal));
  } catch (error) {
    const isRefused = error instanceof api.ApiError && error.problem.type === '/problems/wrong-question';
    if (!isRefused || measure === INSTEAD) throw error;
    return askSites({ ...question, measures: [INSTEAD] }, signal);
  }
}
