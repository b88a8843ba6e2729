/** Milliseconds of each time but the first, which warms up. */
export async function timesOf(action: () => Promise<unknown>, count: number): Promise<number[]> {
  const taken: number[] = [];
  for (let time = 0; time <= count; time++) {
    const began = performance.now();
    await action();
    if (time > 0) taken.push(performance.now() - began);
  }
  return taken;
}

/** Of an even number of values the upper one of the middle. */
export const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
