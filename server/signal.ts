/** What tells a joined signal, for as long as there is one. */
const told = new WeakMap<AbortSignal, readonly unknown[]>();

/**
 * Aborts with the first of these; a request stands for its signal. AbortSignal.any alone does not keep them: Node 20
 * lets go of a timeout, or of a request whose signal is waited for, and then nothing is ever told.
 */
export function joined(...sources: readonly (AbortSignal | Request)[]): AbortSignal {
  const signal = AbortSignal.any(sources.map((source) => ("signal" in source ? source.signal : source)));
  told.set(signal, sources);
  return signal;
}
