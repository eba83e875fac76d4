// Colours between colours, mixed as the eye sees them.

/** Lightness 0 to 1, and two axes of hue around 0 (OKLab, Ottosson 2020). */
export type Lab = readonly [number, number, number];

/** The colour of `#rrggbb` in OKLab. */
export function labOf(hex: string): Lab {
  const [r = 0, g = 0, b = 0] = linearOf(hex);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** Red, green and blue as light, 0 to 1 each. */
export const linearOf = (hex: string): number[] =>
  [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });

/** `#rrggbb` of light; what no screen shows becomes the nearest that it does. */
export const hexOf = (linear: readonly number[]): string =>
  '#' +
  linear
    .map((part) => Math.min(1, Math.max(0, part)))
    .map((part) => (part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055))
    .map((part) =>
      Math.round(part * 255)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('');

/** `part` of the way from one colour to another. */
export function between(from: string, to: string, part: number): string {
  if (part <= 0) return from;
  if (part >= 1) return to;
  const [a, b] = [labOf(from), labOf(to)];
  const [L, u, v] = a.map((value, axis) => value + ((b[axis] ?? 0) - value) * part) as [number, number, number];
  const l = (L + 0.3963377774 * u + 0.2158037573 * v) ** 3;
  const m = (L - 0.1055613458 * u - 0.0638541728 * v) ** 3;
  const s = (L - 0.0894841775 * u - 1.291485548 * v) ** 3;
  return hexOf([
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]);
}

/** The colour at `position`, 0 to 1, of a row of colours that are equally far apart. */
export function along(colours: readonly string[], position: number): string {
  const place = Math.min(1, Math.max(0, position)) * (colours.length - 1);
  const index = Math.min(Math.floor(place), colours.length - 2);
  const [from = '#000000', to = from] = [colours[index], colours[index + 1]];
  return between(from, to, place - index);
}
