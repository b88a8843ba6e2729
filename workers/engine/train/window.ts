/** Means of what was measured since the last line of metrics; survives a checkpoint. */
export class Window {
  readonly #sums: Map<string, { sum: number; count: number }>;

  constructor(saved: Readonly<Record<string, { sum: number; count: number }>> = {}) {
    this.#sums = new Map(Object.entries(saved));
  }

  add(name: string, value: number): void {
    const { sum, count } = this.#sums.get(name) ?? { sum: 0, count: 0 };
    this.#sums.set(name, { sum: sum + value, count: count + 1 });
  }

  addAll(values: ReadonlyMap<string, number>): void {
    for (const [name, value] of values) this.add(name, value);
  }

  means(): Record<string, number> {
    return Object.fromEntries([...this.#sums].map(([name, { sum, count }]) => [name, sum / count]));
  }

  clear(): void {
    this.#sums.clear();
  }

  save(): Record<string, { sum: number; count: number }> {
    return Object.fromEntries(this.#sums);
  }
}
