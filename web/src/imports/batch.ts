// What a batch is called.

import type { Batch } from '../api/wire';
import type { Session } from '../app/session.svelte';

/** The file of an import; of decisions what was decided on. */
export function titleOf({ say, sayCount }: Session, { kind, file, changed }: Batch): string {
  if (kind === 'relocation') return sayCount('batches.relocation', changed);
  if (kind !== 'review') return file;
  return file ? say('batches.review.of', { name: file }) : sayCount('batches.review', changed);
}
