// One import on its way: a file is read, looked at, taken in, and summed up.

import { getContext, setContext } from 'svelte';
import * as api from '../api/client';
import type { Import, ImportKind, Mapping, Problem, Summary, Upload } from '../api/wire';
import { busy, problemOf } from '../app/resource.svelte';
import type { Session } from '../app/session.svelte';
import { mappingOf } from '../view/mapping';
import { showingImports } from '../view/screen';

const CONTEXT = Symbol('imports');
const POLL_MS = 250;

export type Step =
  | { kind: 'idle' }
  | { kind: 'uploading'; name: string }
  | {
      kind: 'looking';
      file: File;
      upload: Upload;
      as: ImportKind;
      mapping: Mapping;
      currency: string | null;
      epsg: number | null;
      /** The hierarchy that a file of areas fills. */
      name: string;
      problem: Problem | null;
    }
  | { kind: 'running'; name: string; state: Import }
  | { kind: 'done'; summary: Summary }
  | { kind: 'stopped'; name: string; problem: Problem | null };

export class Imports {
  step = $state.raw<Step>({ kind: 'idle' });
  problem = $state.raw<Problem | null>(null);
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Reads a file and shows what it holds; `as` says what kind it is, when the reader knows better. */
  read = async (file: File, as: ImportKind | null = null): Promise<void> => {
    if (this.step.kind === 'running') return;
    if (this.#session.screen.kind !== 'imports') this.#session.go(showingImports(this.#session.screen, null));
    this.problem = null;
    this.step = { kind: 'uploading', name: file.name };
    try {
      const upload = await busy(api.upload(file, as));
      const kind = as ?? upload.kind ?? 'accounts';
      this.step = {
        kind: 'looking',
        file,
        upload,
        as: kind,
        mapping: mappingOf(upload),
        currency: null,
        epsg: null,
        name: file.name.replace(/\.[^.]*$/, ''),
        problem: null,
      };
    } catch (error) {
      this.problem = problemOf(error);
      this.step = { kind: 'idle' };
    }
  };

  /** Takes the file in as it was looked at. */
  start = async (): Promise<void> => {
    if (this.step.kind !== 'looking') return;
    const looking = this.step;
    const { upload, as, currency, epsg } = looking;
    const name = as === 'regions' ? looking.name.trim() || null : null;
    // A map of streets has no columns.
    const mapping = upload.columns.length > 0 ? looking.mapping : null;
    try {
      const state = await busy(api.startImport({ upload: upload.upload, kind: as, mapping, currency, epsg, name }));
      this.step = { kind: 'running', name: upload.name, state };
      await busy(this.#follow(upload.name, state));
    } catch (error) {
      this.step = { ...looking, problem: problemOf(error) };
    }
  };

  cancel = async (): Promise<void> => {
    if (this.step.kind !== 'running') return;
    await api.cancelImport(this.step.state.id).catch(() => undefined);
  };

  reset = (): void => {
    if (this.step.kind !== 'running') this.step = { kind: 'idle' };
    this.problem = null;
  };

  /** Stops showing the summary of a batch that is no longer there. */
  forget = (batch: number): void => {
    if (this.step.kind === 'done' && this.step.summary.batch === batch) this.step = { kind: 'idle' };
  };

  async #follow(name: string, started: Import): Promise<void> {
    let state = started;
    for (;;) {
      if (state.state === 'done' && state.summary) {
        this.step = { kind: 'done', summary: state.summary };
        this.#session.refresh();
        return;
      }
      if (state.state === 'failed' || state.state === 'cancelled') {
        this.step = { kind: 'stopped', name, problem: state.problem };
        return;
      }
      this.step = { kind: 'running', name, state };
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      state = await api.importState(state.id);
    }
  }
}

export const startImports = (session: Session): Imports => setContext(CONTEXT, new Imports(session));

export const useImports = (): Imports => getContext<Imports>(CONTEXT);
