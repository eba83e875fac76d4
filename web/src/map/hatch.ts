// The pattern of areas without figures.

import type { Palette } from './layers';

const SIZE = 16;

/** Thin diagonal lines on nothing, seamless, in pixels of a screen of double density. */
export function hatchImage(palette: Palette): ImageData {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIZE;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return new ImageData(SIZE, SIZE);
  context.strokeStyle = palette.border;
  context.globalAlpha = 0.45;
  context.lineWidth = 1.5;
  context.beginPath();
  for (const offset of [-SIZE, 0, SIZE]) {
    context.moveTo(offset - 1, SIZE + 1);
    context.lineTo(offset + SIZE + 1, -1);
  }
  context.stroke();
  return context.getImageData(0, 0, SIZE, SIZE);
}
