// The font of what is written on the map: that of the screen.

export const FONT = ['Noto Sans Variable'];

/** Loads it, which the map draws its text with. */
export const loadFont = (): Promise<unknown> => document.fonts.load(`16px "${String(FONT[0])}"`, 'Aä');
