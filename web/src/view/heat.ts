// A smoothed picture of weights: how dense it gets, so that its colours can be fitted to that.

/** A weight at a point, in pixels. */
export interface Weighed {
  x: number;
  y: number;
  weight: number;
}

/** The height of the bell that the map library puts on each point, and how steep it is within its radius. */
const HEIGHT = 0.3989422804014327;
const STEEPNESS = 4.5;

/** As many of the heaviest places are looked at; the densest one is among them or near to one. */
const MOST_PLACES = 60;

/**
 * The greatest density of points that each spread over `radius` pixels, as the map library draws them;
 * 0 without any. Looked for at the heaviest point of the heaviest squares. O(points).
 */
export function peakOf(points: readonly Weighed[], radius: number): number {
  const squares = new Map<string, { x: number; y: number; weight: number; points: Weighed[] }>();
  for (const point of points) {
    const [x, y] = [Math.floor(point.x / radius), Math.floor(point.y / radius)];
    const square = squares.get(`${x} ${y}`) ?? { x, y, weight: 0, points: [] };
    square.weight += point.weight;
    square.points.push(point);
    squares.set(`${x} ${y}`, square);
  }
  const heaviest = [...squares.values()].sort((a, b) => b.weight - a.weight).slice(0, MOST_PLACES);
  return heaviest.reduce((most, { x, y, points: own }) => {
    const top = own.reduce((best, point) => (point.weight > best.weight ? point : best));
    const near = [-1, 0, 1].flatMap((dx) =>
      [-1, 0, 1].flatMap((dy) => squares.get(`${x + dx} ${y + dy}`)?.points ?? []),
    );
    return Math.max(most, densityAt(top, near, radius));
  }, 0);
}

const densityAt = ({ x, y }: Weighed, points: readonly Weighed[], radius: number): number =>
  points.reduce((sum, point) => {
    const away2 = ((point.x - x) ** 2 + (point.y - y) ** 2) / radius ** 2;
    return away2 > 1 ? sum : sum + point.weight * HEIGHT * Math.exp(-STEEPNESS * away2);
  }, 0);
