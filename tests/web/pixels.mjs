// The colours of a page as they are on the screen.

import { inflateSync } from 'node:zlib';

/**
 * What is to be seen of a page, to be asked for the colour most frequent around a
 * point, `#rrggbb`: a river or a border may run through it.
 */
export async function look(page) {
  const { width, channels, bytes } = decode(await page.screenshot({ scale: 'css' }));
  const colourAt = (x, y) => {
    const at = (Math.floor(y) * width + Math.floor(x)) * channels;
    return '#' + [...bytes.subarray(at, at + 3)].map((part) => part.toString(16).padStart(2, '0')).join('');
  };
  return (x, y) => {
    const counts = new Map();
    for (const dx of AROUND) {
      for (const dy of AROUND) {
        const colour = colourAt(x + dx, y + dy);
        counts.set(colour, (counts.get(colour) ?? 0) + 1);
      }
    }
    return [...counts].sort((a, b) => b[1] - a[1])[0][0];
  };
}

/** Steps from a point that are looked at, in pixels. */
const AROUND = [-2, -1, 0, 1, 2];

/** A PNG of eight bits a channel that is not interlaced, as browsers write them (PNG, third edition, section 9). */
function decode(png) {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const channels = png[25] === 6 ? 4 : 3;
  const packed = [];
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      packed.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const lines = inflateSync(Buffer.concat(packed));
  const stride = width * channels;
  const bytes = Buffer.alloc(stride * height);
  for (let row = 0; row < height; row += 1) {
    const filter = lines[row * (stride + 1)];
    for (let at = 0; at < stride; at += 1) {
      const left = at < channels ? 0 : bytes[row * stride + at - channels];
      const up = row === 0 ? 0 : bytes[(row - 1) * stride + at];
      const corner = row === 0 || at < channels ? 0 : bytes[(row - 1) * stride + at - channels];
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      bytes[row * stride + at] = lines[row * (stride + 1) + 1 + at] + guess;
    }
  }
  return { width, channels, bytes };
}

function paeth(left, up, corner) {
  const [a, b, c] = [left, up, corner].map((part) => Math.abs(left + up - corner - part));
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** Where a position is on the page, with the map at `camera`. */
export async function placeOf(page, position, { lon, lat, zoom }) {
  const box = await page.locator('.map .canvas').boundingBox();
  const world = ([lon, lat]) => {
    const sine = Math.sin((lat * Math.PI) / 180);
    return [lon / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
  };
  const middle = world([lon, lat]);
  const [dx, dy] = world(position).map((part, axis) => (part - middle[axis]) * 512 * 2 ** zoom);
  return [box.x + box.width / 2 + dx, box.y + box.height / 2 + dy];
}
