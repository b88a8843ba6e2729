/**
 * Python's `random.Random`: the Mersenne Twister (Matsumoto & Nishimura, ACM TOMACS 8, 1998) as CPython seeds and reads
 * it, so that the shots and the bootstrap draws of lm-eval come out the same.
 */
export class PythonRandom {
  readonly #state = new Uint32Array(624);
  #index = 624;

  /** @param seed a whole number from 0 to 2³² − 1 */
  constructor(seed: number) {
    const state = this.#state;
    state[0] = 19650218;
    for (let i = 1; i < 624; i++) {
      const before = state[i - 1] ^ (state[i - 1] >>> 30);
      state[i] = Math.imul(before, 1812433253) + i;
    }
    // init_by_array with the one word [seed]
    let i = 1;
    for (let k = 0; k < 624; k++) {
      const before = state[i - 1] ^ (state[i - 1] >>> 30);
      state[i] = (state[i] ^ Math.imul(before, 1664525)) + seed;
      if (++i === 624) {
        state[0] = state[623];
        i = 1;
      }
    }
    for (let k = 0; k < 623; k++) {
      const before = state[i - 1] ^ (state[i - 1] >>> 30);
      state[i] = (state[i] ^ Math.imul(before, 1566083941)) - i;
      if (++i === 624) {
        state[0] = state[623];
        i = 1;
      }
    }
    state[0] = 0x80000000;
  }

  #word(): number {
    const state = this.#state;
    if (this.#index === 624) {
      for (let i = 0; i < 624; i++) {
        const mixed = (state[i] & 0x80000000) | (state[(i + 1) % 624] & 0x7fffffff);
        state[i] = state[(i + 397) % 624] ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
      }
      this.#index = 0;
    }
    let word = state[this.#index++];
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  /** `random()`: 53 bits in [0, 1). */
  random(): number {
    const [high, low] = [this.#word() >>> 5, this.#word() >>> 6];
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** `_randbelow(n)`, n below 2³². */
  #below(n: number): number {
    const bits = 32 - Math.clz32(n);
    for (;;) {
      const drawn = this.#word() >>> (32 - bits);
      if (drawn < n) return drawn;
    }
  }

  /** `sample(population, k)`. @throws RangeError where the population is smaller. */
  sample<T>(population: readonly T[], k: number): T[] {
    const n = population.length;
    if (k > n) throw new RangeError(`${k} of ${n}`);
    // CPython copies the population where that takes less room than a set of what was chosen.
    const setSize = 21 + (k > 5 ? 4 ** Math.ceil(Math.log(k * 3) / Math.log(4)) : 0);
    if (n <= setSize) {
      const pool = [...population];
      return Array.from({ length: k }, (_, i) => {
        const at = this.#below(n - i);
        const chosen = pool[at];
        pool[at] = pool[n - i - 1];
        return chosen;
      });
    }
    const chosen = new Set<number>();
    while (chosen.size < k) chosen.add(this.#below(n));
    return Array.from(chosen, (at) => population[at]);
  }

  /** One of `choices(population, k=…)`: the place of what is drawn among n. */
  index(n: number): number {
    return Math.floor(this.random() * n);
  }
}
