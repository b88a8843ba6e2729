/** Of a curve: a plot of usual width has about as many pixels, and the page that brings them stays small. */
export const MAX_POINTS = 500;
