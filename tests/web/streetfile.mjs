// A small base map of streets: a PMTiles file in the schema of Protomaps, with an invented motorway, a
// river and towns where Germany is.

import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const MAX_ZOOM = 5;
const EXTENT = 4096;
const BOUNDS = [5, 47, 16, 55];

const POINT = 1;
const LINE = 2;
const POLYGON = 3;

const along = (...corners) => corners;
const box = ([west, south, east, north]) => [
  [west, north],
  [east, north],
  [east, south],
  [west, south],
];

/** Each layer with its features: kind of geometry, positions, properties. */
const LAYERS = {
  earth: [[POLYGON, box(BOUNDS), { kind: 'earth' }]],
  water: [[POLYGON, box([8, 50, 12, 50.2]), { kind: 'lake' }]],
  roads: [[LINE, along([7, 48], [10, 50.5], [13, 54]), { kind: 'highway', kind_detail: 'motorway', min_zoom: 3 }]],
  places: ['Probestadt', 'Musterheim'].map((name, at) => [
    POINT,
    [[9 + 3 * at, 49 + 3 * at]],
    { kind: 'locality', name, 'name:en': `${name} (en)`, min_zoom: 2, population_rank: 12 },
  ]),
};

/** Writes the file to `path`. */
export function writeStreets(path) {
  const tiles = [];
  for (let z = 0; z <= MAX_ZOOM; z += 1) {
    const [left, bottom] = tileAt(z, [BOUNDS[0], BOUNDS[1]]).map(Math.floor);
    const [right, top] = tileAt(z, [BOUNDS[2], BOUNDS[3]]).map(Math.floor);
    for (let x = left; x <= right; x += 1)
      for (let y = top; y <= bottom; y += 1) tiles.push({ id: tileId(z, x, y), bytes: gzipSync(tile(z, x, y)) });
  }
  tiles.sort((a, b) => a.id - b.id);
  const metadata = gzipSync(
    JSON.stringify({
      attribution: '<b>© Invented streets</b>',
      vector_layers: Object.keys(LAYERS).map((id) => ({ id, fields: {} })),
    }),
  );
  const directory = gzipSync(
    Buffer.concat([
      varint(tiles.length),
      ...tiles.map(({ id }, at) => varint(id - (tiles[at - 1]?.id ?? 0))),
      ...tiles.map(() => varint(1)),
      ...tiles.map(({ bytes }) => varint(bytes.length)),
      // Behind each other.
      ...tiles.map((_, at) => varint(at === 0 ? 1 : 0)),
    ]),
  );
  const data = Buffer.concat(tiles.map(({ bytes }) => bytes));
  const header = Buffer.alloc(127);
  header.write('PMTiles', 0);
  header.writeUInt8(3, 7);
  const afterDirectory = header.length + directory.length;
  const dataAt = afterDirectory + metadata.length;
  const parts = [header.length, directory.length, afterDirectory, metadata.length, dataAt, 0, dataAt, data.length];
  const counts = [tiles.length, tiles.length, tiles.length];
  [...parts, ...counts].forEach((number, at) => header.writeBigUInt64LE(BigInt(number), 8 + 8 * at));
  // Clustered; directories and tiles packed by gzip; vector tiles.
  [1, 2, 2, 1, 0, MAX_ZOOM].forEach((byte, at) => header.writeUInt8(byte, 96 + at));
  BOUNDS.forEach((degrees, at) => header.writeInt32LE(degrees * 1e7, 102 + 4 * at));
  header.writeUInt8(3, 118);
  [10, 51].forEach((degrees, at) => header.writeInt32LE(degrees * 1e7, 119 + 4 * at));
  writeFileSync(path, Buffer.concat([header, directory, metadata, data]));
}

/** Column and row of a position, with the part of the tile behind the point. */
function tileAt(z, [lon, lat]) {
  const y = Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI;
  return [((lon + 180) / 360) * 2 ** z, ((1 - y) / 2) * 2 ** z];
}

/** The place of a tile along the Hilbert curves of all zooms. */
function tileId(z, column, row) {
  let [x, y, id] = [column, row, (4 ** z - 1) / 3];
  for (let side = 2 ** z / 2; side >= 1; side /= 2) {
    const [right, low] = [(x & side) > 0 ? 1 : 0, (y & side) > 0 ? 1 : 0];
    id += side * side * ((3 * right) ^ low);
    if (low === 0) {
      if (right === 1) [x, y] = [side - 1 - x, side - 1 - y];
      [x, y] = [y, x];
    }
  }
  return id;
}

/** A vector tile of all layers. */
const tile = (z, x, y) =>
  Buffer.concat(Object.entries(LAYERS).map(([name, features]) => field(3, layer(name, features, [z, x, y]))));

function layer(name, features, [z, x, y]) {
  const keys = [...new Set(features.flatMap(([, , properties]) => Object.keys(properties)))];
  const values = [...new Set(features.flatMap(([, , properties]) => Object.values(properties)))];
  const drawn = features.map(([kind, positions, properties]) => {
    const tags = Object.entries(properties).flatMap(([key, value]) => [keys.indexOf(key), values.indexOf(value)]);
    const points = positions.map((position) => {
      const [column, row] = tileAt(z, position);
      return [Math.round((column - x) * EXTENT), Math.round((row - y) * EXTENT)];
    });
    const packed = (numbers) => Buffer.concat(numbers.map(varint));
    return field(2, Buffer.concat([field(2, packed(tags)), number(3, kind), field(4, packed(commands(kind, points)))]));
  });
  const value = (one) => (typeof one === 'string' ? field(1, Buffer.from(one)) : number(5, one));
  return Buffer.concat([
    number(15, 2),
    field(1, Buffer.from(name)),
    ...drawn,
    ...keys.map((key) => field(3, Buffer.from(key))),
    ...values.map((one) => field(4, value(one))),
    number(5, EXTENT),
  ]);
}

/** Move to the first point, lines to the others, close a polygon. */
function commands(kind, points) {
  let before = [0, 0];
  const steps = points.map((point) => {
    const step = point.map((n, axis) => zigzag(n - before[axis]));
    before = point;
    return step;
  });
  const [first, ...rest] = steps;
  const lines = rest.length > 0 ? [(rest.length << 3) | 2, ...rest.flat()] : [];
  return [(1 << 3) | 1, ...first, ...lines, ...(kind === POLYGON ? [(1 << 3) | 7] : [])];
}

const zigzag = (n) => (n < 0 ? -2 * n - 1 : 2 * n);
const field = (id, bytes) => Buffer.concat([varint((id << 3) | 2), varint(bytes.length), bytes]);
const number = (id, value) => Buffer.concat([varint(id << 3), varint(value)]);

function varint(value) {
  const bytes = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
