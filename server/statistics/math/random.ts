/**
 * Uniform numbers in [0, 1) that depend on the seed alone, the same on every machine.
 * Source: sfc32 of C. Doty-Humphrey's PractRand, a small fast counting generator, seeded through 12 discarded rounds.
 */
export function randomOf(seed: number): () => number {
  let [a, b, c, counter] = [seed | 0, (seed / 2 ** 32) | 0, 0x9e3779b9 | 0, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}
