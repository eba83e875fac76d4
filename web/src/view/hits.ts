// What the search box offers: names that are known here, and addresses that the geocoder finds.

import type { Candidate, Hit, Precision } from '../api/wire';
import { distanceM } from './spot';

/** A candidate this near to a hit of the same name is the same, in metres. */
const SAME_M = 3_000;

/**
 * Candidates that no hit shows already, each name once. Resembling names are offered only where
 * nothing else is found. O(hits × candidates).
 */
export function newCandidates(hits: readonly Hit[], candidates: readonly Candidate[]): Candidate[] {
  const isGuess = ({ is_suggestion, precision }: Candidate) => is_suggestion && !isExact(precision);
  const fitting = candidates.filter((candidate) => !isGuess(candidate) || hits.length === 0);
  const fresh = fitting.filter((candidate) => !hits.some((hit) => isSame(hit, candidate)));
  return fresh.filter(
    (candidate, index) =>
      !fresh
        .slice(0, index)
        .some((other) => other.matched === candidate.matched && distanceM(other.position, candidate.position) < SAME_M),
  );
}

const isExact = (precision: Precision): boolean => precision === 'house' || precision === 'street';

// A centre says no more than the place or official region itself; a house or street always does.
function isSame(hit: Hit, candidate: Candidate): boolean {
  if (isExact(candidate.precision) || hit.kind === 'account' || hit.level?.startsWith('own.')) return false;
  if (candidate.postal !== null && hit.level === 'region.postal')
    return plain(hit.key) === plain(candidate.postal) || plain(hit.name) === plain(candidate.postal);
  if (!plain(candidate.matched).includes(plain(hit.name))) return false;
  if (hit.position) return distanceM(hit.position, candidate.position) < SAME_M;
  if (!hit.bounds) return false;
  const [west, south, east, north] = hit.bounds;
  const [lon, lat] = candidate.position;
  return plain(hit.name) === plain(candidate.matched) && lon >= west && lon <= east && lat >= south && lat <= north;
}

const plain = (text: string) => text.toLowerCase().replace(/^de-/, '');
