// The patterns of areas that have no colour.

import type { Palette } from './layers';

const SIZE = 16;

/** Thin diagonal lines on nothing, for areas without figures; in pixels of a screen of double density. */
export const hatchImage = (palette: Palette): ImageData =>
  pattern((context) => {
    context.strokeStyle = palette.border;
    context.globalAlpha = 0.45;
    context.lineWidth = 1.5;
    context.beginPath();
    for (const offset of [-SIZE, 0, SIZE]) {
      context.moveTo(offset - 1, SIZE + 1);
      context.lineTo(offset + SIZE + 1, -1);
    }
    context.stroke();
  });

/** Dots on nothing, for areas with too little behind their figure. */
export const speckleImage = (palette: Palette): ImageData =>
  pattern((context) => {
    context.fillStyle = palette.border;
    context.globalAlpha = 0.75;
    for (const [x, y] of [
      [SIZE / 4, SIZE / 4],
      [(3 * SIZE) / 4, (3 * SIZE) / 4],
    ] as const) {
      context.beginPath();
      context.arc(x, y, 1.6, 0, 2 * Math.PI);
      context.fill();
    }
  });

/** A square that fits itself on all sides. */
function pattern(draw: (context: CanvasRenderingContext2D) => void): ImageData {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIZE;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return new ImageData(SIZE, SIZE);
  draw(context);
  return context.getImageData(0, 0, SIZE, SIZE);
}
