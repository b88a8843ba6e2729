import { vi } from "vitest";

/** Waits until an assertion holds. How long a busy machine takes for it is nothing that a test asserts. */
export function eventually<T>(assertion: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assertion, { timeout: 150_000, interval: 20 });
}
