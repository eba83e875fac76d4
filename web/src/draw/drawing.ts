// Drawing by hand on the map: the only place that knows the drawing library.

import {
  TerraDraw,
  TerraDrawCircleMode,
  TerraDrawFreehandMode,
  TerraDrawLineStringMode,
  TerraDrawPolygonMode,
  TerraDrawRectangleMode,
  type HexColor,
} from 'terra-draw';
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter';
import type { Position } from '../api/wire';
import type { MapView } from '../map/map';
import type { Tool } from './tool';

/** What is drawn so far. */
export interface Sketch {
  /** The line, or the ring, which ends where it began. */
  positions: Position[];
  /** Of a circle. */
  center: Position | null;
}

export interface DrawingEvents {
  changed: (sketch: Sketch) => void;
  finished: (sketch: Sketch) => void;
  /** The map has gone, or something else has it. */
  ended: () => void;
}

/** A tool in the reader's hand. */
export interface Drawing {
  /** Ends the line or polygon at the last point. */
  finish: () => void;
  stop: () => void;
}

/** How far a hand may tremble before a click is a drag, in pixels. */
const TREMBLE = 4;
/** Pixels between two corners of a lasso. */
const LASSO_STEP = 6;

/** Takes the pointer of the map and draws with a tool in a colour such as `#d9722e` until it is stopped. */
export function startDrawing(view: MapView, tool: Tool, colour: string, events: DrawingEvents): Drawing {
  let stopped = false;
  const { map, giveBack } = view.lend(() => {
    stop();
    events.ended();
  });
  const adapter = new TerraDrawMapLibreGLAdapter({
    map,
    coordinatePrecision: 9,
    minPixelDragDistance: TREMBLE,
    minPixelDragDistanceDrawing: TREMBLE,
  });
  const mode = modeOf(tool, colour as HexColor);
  const drawing = new TerraDraw({ adapter, modes: [mode] });
  const sketchOf = sketches(drawing, mode.mode);

  drawing.on('change', (ids) => {
    const sketch = sketchOf(ids);
    if (sketch) events.changed(sketch);
  });
  drawing.on('finish', (id) => {
    const sketch = sketchOf([id]);
    if (sketch) events.finished(sketch);
  });
  drawing.start();
  drawing.setMode(mode.mode);

  function stop() {
    if (stopped) return;
    stopped = true;
    drawing.stop();
    map.getCanvas().style.cursor = '';
    giveBack();
  }
  const finish = () => map.getCanvas().dispatchEvent(new KeyboardEvent('keyup', { key: 'Enter' }));
  return { finish, stop };
}

/** The sketch of the changed features; those drawn before are wiped when another is begun. */
function sketches(drawing: TerraDraw, mode: string) {
  let current: string | number | null = null;
  let center: Position | null = null;
  return (ids: readonly (string | number)[]): Sketch | null => {
    const features = drawing
      .getSnapshot()
      .filter(({ properties, geometry }) => properties['mode'] === mode && geometry.type !== 'Point');
    const changed = features.find(({ id }) => id !== undefined && ids.includes(id));
    if (changed?.id === undefined || changed.geometry.type === 'Point') return null;
    const { geometry } = changed;
    const positions = (
      geometry.type === 'Polygon' ? (geometry.coordinates[0] ?? []) : geometry.coordinates
    ) as Position[];
    if (changed.id !== current) {
      const before = current;
      current = changed.id;
      // A circle begins as a dot around its centre.
      center = mode === 'circle' ? middleOf(positions) : null;
      if (before !== null && drawing.hasFeature(before)) drawing.removeFeatures([before]);
    }
    return { positions, center };
  };
}

const middleOf = (ring: readonly Position[]): Position => {
  const [lons, lats] = [ring.map(([lon]) => lon), ring.map(([, lat]) => lat)];
  const middle = (values: number[]) => (Math.min(...values) + Math.max(...values)) / 2;
  return [middle(lons), middle(lats)];
};

function modeOf(tool: Tool, colour: HexColor) {
  const fill = { fillColor: colour, fillOpacity: 0.12, outlineColor: colour, outlineWidth: 2 };
  const points = {
    closingPointColor: colour,
    closingPointWidth: 5,
    closingPointOutlineColor: '#ffffff' as HexColor,
    closingPointOutlineWidth: 1.5,
  };
  // By a drag, and by two clicks for those who can't hold.
  const drawInteraction = 'click-move-or-drag' as const;
  switch (tool) {
    case 'box':
      return new TerraDrawRectangleMode({ styles: fill, drawInteraction });
    case 'circle':
      return new TerraDrawCircleMode({ styles: fill, drawInteraction, projection: 'globe' });
    case 'lasso':
      return new TerraDrawFreehandMode({ styles: { ...fill, ...points }, drawInteraction, minDistance: LASSO_STEP });
    case 'polygon':
    case 'area':
      return new TerraDrawPolygonMode({ styles: { ...fill, ...points } });
    case 'distance':
      return new TerraDrawLineStringMode({ styles: { lineStringColor: colour, lineStringWidth: 2.5, ...points } });
  }
}
