// The tools that draw on the map.

/** Tools whose drawing becomes a filter. */
export const SELECTING = ['lasso', 'box', 'circle', 'polygon'] as const;
/** Tools that tell a length or an area, of which nothing is kept. */
export const MEASURING = ['distance', 'area'] as const;

export type SelectTool = (typeof SELECTING)[number];
export type MeasureTool = (typeof MEASURING)[number];
export type Tool = SelectTool | MeasureTool;

export const isMeasuring = (tool: Tool): tool is MeasureTool => tool === 'distance' || tool === 'area';
