// The screen as the query of the address bar, and back. Only what differs from the start is written.

import { isLevel, type RegionRef } from './levels';
import { readLook, writeLook } from './look';
import { readPeriod, writePeriod } from './period';
import { readPicks, writePicks } from './pick';
import { readSecond, writeSecond } from './second';
import { readShape, writeShape } from './shape';
import { readWorkspace, writeWorkspace } from './workspace';
import { PLACED, START, STREET_CHOICES, TABS, type Camera, type Screen, type Shown, type Tab } from './screen';

export function writeAddress(screen: Screen): string {
  const { ask, tab, shown, camera } = screen;
  const query: [string, string][] = [['at', ask.at ? writeRegion(ask.at) : 'world']];
  if (screen.kind === 'account') query.push(['account', screen.account]);
  if (screen.kind === 'imports') query.push(['imports', screen.batch === null ? 'all' : String(screen.batch)]);
  if (screen.kind === 'review') query.push(['review', screen.reason ?? 'all']);
  if (screen.kind === 'review' && screen.account !== null) query.push(['customer', screen.account]);
  if (screen.kind === 'relocation') query.push(['review', 'relocation']);
  if (ask.measure !== START.ask.measure) query.push(['measure', ask.measure]);
  if (ask.level !== 'auto') query.push(['level', ask.level]);
  if (ask.period.kind !== 'recent') query.push(['time', writePeriod(ask.period)]);
  for (const category of ask.categories) query.push(['category', category]);
  if (ask.currency !== null) query.push(['currency', ask.currency]);
  for (const region of ask.opened) query.push(['open', writeRegion(region)]);
  for (const pick of writePicks(ask.picks)) query.push(['pick', pick]);
  if (ask.shape) query.push(['within', writeShape(ask.shape)]);
  if (tab !== START.tab) query.push(['tab', tab]);
  query.push(...writeWorkspace(screen.workspace), ...writeLook(screen.look), ...writeSecond(screen.second));
  const hidden = (Object.keys(shown) as (keyof Shown)[]).filter((name) => !shown[name]);
  if (hidden.length > 0) query.push(['hide', hidden.join('.')]);
  if (screen.streets !== START.streets) query.push(['streets', screen.streets]);
  if (screen.precisions.length > 0) query.push(['precision', screen.precisions.join('.')]);
  if (screen.onlyMeant) query.push(['sites', 'meant']);
  if (camera) query.push(['map', writeCamera(camera)]);
  return '?' + query.map(([name, value]) => `${name}=${escape(value)}`).join('&');
}

/** The screen of a query; whatever is not understood is left at the start's value. */
export function readAddress(search: string): Screen {
  const query = new URLSearchParams(search);
  const [account, imports, review] = [query.get('account'), query.get('imports'), query.get('review')];
  const measure = query.get('measure') ?? '';
  const level = query.get('level') ?? 'auto';
  const tab = query.get('tab') as Tab;
  const precisions = (query.get('precision') ?? '').split('.');
  const hidden = (query.get('hide') ?? '').split('.');
  const common = {
    ask: {
      measure: /^[a-z][a-z0-9_]*$/.test(measure) ? measure : START.ask.measure,
      level: isLevel(level) ? level : ('auto' as const),
      at: readRegion(query.get('at')),
      period: readPeriod(query.get('time')),
      categories: query.getAll('category'),
      currency: query.get('currency'),
      opened: query
        .getAll('open')
        .map(readRegion)
        .filter((region) => region !== null),
      picks: readPicks(query.getAll('pick')),
      shape: readShape(query.get('within')),
    },
    tab: TABS.includes(tab) ? tab : START.tab,
    shown: { area: !hidden.includes('area'), sites: !hidden.includes('sites'), labels: !hidden.includes('labels') },
    streets: STREET_CHOICES.find((choice) => choice === query.get('streets')) ?? START.streets,
    precisions: PLACED.filter((precision) => precisions.includes(precision)),
    onlyMeant: query.get('sites') === 'meant',
    camera: readCamera(query.get('map')),
    look: readLook(query),
    second: readSecond(query),
    workspace: readWorkspace(query),
  };
  if (account) return { ...common, kind: 'account', account };
  if (imports) return { ...common, kind: 'imports', batch: /^\d+$/.test(imports) ? Number(imports) : null };
  if (review === 'relocation') return { ...common, kind: 'relocation' };
  if (review) {
    const reason = review === 'all' ? null : review;
    return { ...common, kind: 'review', reason, account: query.get('customer') };
  }
  return { ...common, kind: 'explore' };
}

/** Whether an address says where to start; if not, the screen goes to the country with most customers. */
export const namesPlace = (search: string): boolean => new URLSearchParams(search).has('at');

const escape = (value: string) => encodeURIComponent(value).replaceAll('%3A', ':').replaceAll('%2C', ',');

const writeRegion = ({ level, key }: RegionRef) => `${level}:${key}`;

function readRegion(text: string | null): RegionRef | null {
  const colon = text?.indexOf(':') ?? -1;
  if (!text || colon < 0) return null;
  const level = text.slice(0, colon);
  const key = text.slice(colon + 1);
  return isLevel(level) && key ? { level, key } : null;
}

const writeCamera = ({ lon, lat, zoom }: Camera) => [lon.toFixed(4), lat.toFixed(4), zoom.toFixed(2)].join(',');

function readCamera(text: string | null): Camera | null {
  const [lon, lat, zoom] = (text ?? '').split(',').map(Number);
  const finite = [lon, lat, zoom].every((part) => Number.isFinite(part));
  return text && finite && lon !== undefined && lat !== undefined && zoom !== undefined ? { lon, lat, zoom } : null;
}
