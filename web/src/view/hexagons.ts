// Hexagonal cells of H3: which resolution a zoom shows, and the question for their figures.

import type { Measure, Question } from '../api/wire';
import { asked, type Scope } from './question';

/** Resolutions that the cube has and the map draws, coarse to fine, with the zoom that each begins at. */
const RESOLUTIONS: readonly (readonly [resolution: number, zoom: number])[] = [
  [3, 0],
  [4, 4.2],
  [5, 5.8],
  [6, 7.3],
  [7, 9],
];

/** The resolution whose cells are a finger wide or less at a zoom. */
export const resolutionAt = (zoom: number): number =>
  RESOLUTIONS.reduce((found, [resolution, from]) => (zoom >= from ? resolution : found), 3);

export const byHexagon = (resolution: number, measures: Measure[], scope: Scope): Question => ({
  measures,
  rows: [`region.h3_${resolution}`],
  ...asked(scope),
});
