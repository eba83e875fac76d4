// The one place that talks to the server.

import type {
  Account,
  AccountPage,
  Address,
  Answer,
  Batch,
  Box,
  Candidate,
  CheckedMeasure,
  Decided,
  Decision,
  Filter,
  Found,
  Hit,
  Import,
  ImportKind,
  ImportOrder,
  KeptQuestion,
  LinePage,
  Located,
  Model,
  OwnMeasure,
  Position,
  Problem,
  Question,
  Region,
  Relocation,
  RemarkPage,
  ReviewItem,
  ReviewSummary,
  Surroundings,
  TileJson,
  Upload,
  View,
} from './wire';
import { fileName, type FileFormat } from '../view/download';
import type { Language } from '../view/format';

/** A refusal of the server, or the lack of one, as a value of RFC 9457. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

const json = { 'content-type': 'application/json' };

export const model = (signal?: AbortSignal) => call<Model>('/api/model', { signal });

export const cube = (question: Question, signal?: AbortSignal) =>
  call<Answer>('/api/cube', { method: 'POST', headers: json, body: JSON.stringify(question), signal });

export const lines = (filters: Filter[], offset: number, limit: number, signal?: AbortSignal) =>
  call<LinePage>('/api/lines', {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ filters, offset, limit }),
    signal,
  });

/** A file of the server with its name. */
export interface Download {
  name: string;
  content: Blob;
}

/** The answer to a question as a file. */
export const exportAnswer = (question: Question, format: FileFormat, language: Language) =>
  download('/api/cube/export', question, format, language);

/** The answer to a question by region as a map on paper; `query` tells how it is to be. */
export const printMap = (question: Question, query: string) => file(`/api/map?${query}`, question, 'revier');

/** Every line of a filter as a file. */
export const exportLines = (filters: Filter[], format: FileFormat, language: Language) =>
  download('/api/lines/export', { filters }, format, language);

export const accountsWithin = (bounds: Box, limit: number, signal?: AbortSignal) =>
  call<AccountPage>(`/api/accounts?bounds=${bounds.join(',')}&limit=${limit}`, { signal });

export const account = (key: string, signal?: AbortSignal) =>
  call<Account>(`/api/accounts/${encodeURIComponent(key)}`, { signal });

export const region = (level: string, key: string, signal?: AbortSignal) =>
  call<Region>(`/api/regions/${level}/${encodeURIComponent(key)}`, { signal });

/** A point inside each region of a level, by key. */
export const anchors = (level: string, signal?: AbortSignal) =>
  call<{ anchors: Record<string, Position> }>(`/api/regions/${level}`, { signal });

export const search = (text: string, signal?: AbortSignal) =>
  call<{ results: Hit[] }>(`/api/search?q=${encodeURIComponent(text)}&limit=10`, { signal });

export const upload = (file: File, kind: ImportKind | null, signal?: AbortSignal) =>
  call<Upload>(`/api/uploads?name=${encodeURIComponent(file.name)}${kind ? `&kind=${kind}` : ''}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: file,
    signal,
  });

export const startImport = (order: ImportOrder) =>
  call<Import>('/api/imports', { method: 'POST', headers: json, body: JSON.stringify(order) });

export const importState = (id: string) => call<Import>(`/api/imports/${encodeURIComponent(id)}`);

export const cancelImport = (id: string) =>
  call<Import>(`/api/imports/${encodeURIComponent(id)}`, { method: 'DELETE' });

export const batches = (signal?: AbortSignal) => call<{ batches: Batch[] }>('/api/batches', { signal });

export const undoBatch = (id: number) => call<{ batch: number }>(`/api/batches/${id}`, { method: 'DELETE' });

export const remarks = (batch: number, offset: number, limit: number, signal?: AbortSignal) =>
  call<RemarkPage>(`/api/batches/${batch}/remarks?offset=${offset}&limit=${limit}`, { signal });

export const geocode = (text: string, signal?: AbortSignal) =>
  call<{ candidates: Candidate[] }>(`/api/geocode?q=${encodeURIComponent(text)}&limit=5`, { signal });

/** What the other geocoder says of an address, which is sent to it. */
export async function geocodeElsewhere(text: string, provider: string, signal?: AbortSignal): Promise<Found> {
  const query = `q=${encodeURIComponent(text)}&limit=5&provider=true`;
  const { candidates, credit } = await call<Found>(`/api/geocode?${query}`, { signal });
  return { candidates: candidates.filter(({ source }) => source === provider), credit };
}

export const locate = (address: Address, signal?: AbortSignal) =>
  post<{ results: Located[] }>('/api/geocode', { addresses: [address] }, signal);

export const reverse = ([lon, lat]: Position, signal?: AbortSignal) =>
  call<Surroundings>(`/api/reverse?lon=${lon}&lat=${lat}`, { signal });

export const review = (signal?: AbortSignal) => call<ReviewSummary>('/api/review', { signal });

export const reviewItems = (reason: string | null, offset: number, limit: number, signal?: AbortSignal) =>
  call<{ items: ReviewItem[] }>(
    `/api/review/items?${reason === null ? '' : `reason=${encodeURIComponent(reason)}&`}offset=${offset}&limit=${limit}`,
    { signal },
  );

export const reviewItem = (account: string, signal?: AbortSignal) =>
  call<{ items: ReviewItem[] }>(`/api/review/items?account=${encodeURIComponent(account)}`, { signal });

export const decide = (decision: Decision) => post<Decided>('/api/review/decisions', { decisions: [decision] });

export const acceptAll = (reason: string) => post<Decided>('/api/review/decisions', { accept_all: reason });

export const relocation = (limit: number, signal?: AbortSignal) =>
  call<Relocation>(`/api/relocation?limit=${limit}`, { signal });

export const relocate = () => post<Decided>('/api/relocation', {});

export const views = (signal?: AbortSignal) => call<{ views: View[] }>('/api/views', { signal });

export const saveView = (view: { name: string; address: string; replace: boolean }) => post<View>('/api/views', view);

export const renameView = (id: number, name: string) =>
  call<View>(`/api/views/${id}`, { method: 'PATCH', headers: json, body: JSON.stringify({ name }) });

export const deleteView = (id: number) => call<undefined>(`/api/views/${id}`, { method: 'DELETE' });

export const checkMeasure = (measure: OwnMeasure, signal?: AbortSignal) =>
  post<CheckedMeasure>('/api/measures/check', measure, signal);

export const addMeasure = (measure: OwnMeasure) => post<OwnMeasure>('/api/measures', measure);

export const changeMeasure = (measure: OwnMeasure) =>
  call<OwnMeasure>(`/api/measures/${encodeURIComponent(measure.name)}`, {
    method: 'PUT',
    headers: json,
    body: JSON.stringify(measure),
  });

export const removeMeasure = (name: string) =>
  call<undefined>(`/api/measures/${encodeURIComponent(name)}`, { method: 'DELETE' });

/** The address of the remarks of a batch as a file. */
export const remarksFile = (batch: number) => `/api/batches/${batch}/remarks.csv`;

/** The address of the TileJSON of a layer; `version` keeps old tiles from being shown. */
export const tilesOf = (layer: string, version: string) => `/tiles/${layer}.json?v=${encodeURIComponent(version)}`;

/** Keeps a question, so that tiles of sites can be asked with it. */
export const keepQuestion = (question: Question, signal?: AbortSignal) =>
  post<KeptQuestion>('/api/questions', question, signal);

export const tileJson = (address: string, signal?: AbortSignal) => call<TileJson>(address, { signal });

/** The bytes of a tile, none where nothing is in it. */
export const tile = async (address: string): Promise<ArrayBuffer> => (await request(address)).arrayBuffer();

const post = <T>(path: string, body: unknown, signal?: AbortSignal) =>
  call<T>(path, { method: 'POST', headers: json, body: JSON.stringify(body), signal });

const download = (path: string, body: unknown, format: FileFormat, language: Language): Promise<Download> =>
  file(`${path}?format=${format}&language=${language}`, body, `revier.${format}`);

async function file(path: string, body: unknown, fallback: string): Promise<Download> {
  const response = await request(path, { method: 'POST', headers: json, body: JSON.stringify(body) });
  return { name: fileName(response.headers.get('content-disposition'), fallback), content: await response.blob() };
}

async function call<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await request(path, init);
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

async function request(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError({ type: '/problems/unreachable', title: 'unreachable', status: 0, detail: '' });
  }
  if (!response.ok) throw new ApiError(await problemOf(response));
  return response;
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback: Problem = {
    type: 'about:blank',
    title: response.statusText,
    status: response.status,
    detail: response.statusText,
  };
  try {
    return { ...fallback, ...((await response.json()) as Partial<Problem>) };
  } catch {
    return fallback;
  }
}
