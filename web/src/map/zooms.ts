// What the screen knows of the map before it is there: from where on customers are drawn, and how large.

/** Customers are drawn from this zoom on. */
export const SITES_ZOOM = 8;
/** From this zoom on a site stands for one position, below for a cell. */
export const POSITIONS_ZOOM = 12;

/** What the area of a dot is in proportion to: a measure of the tiles, and its value at the largest dot. */
export interface DotScale {
  measure: string;
  greatest: number;
}

/** Pixels from the middle to the edge of the largest dot, from afar and near. */
export const FAR_RADIUS = 12;
export const NEAR_RADIUS = 24;

export const dotRadius = (zoom: number): number => (zoom < SITES_ZOOM ? FAR_RADIUS : NEAR_RADIUS);
