/** Of an even number of values the upper one of the middle. */
export const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
