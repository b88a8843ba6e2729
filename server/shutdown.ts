import { setMaxListeners } from "node:events";

declare global {
  // Next bundles this module more than once; the process ends only once.
  var concordShutdown: AbortController | undefined;
}

function controller(): AbortController {
  if (!globalThis.concordShutdown) {
    globalThis.concordShutdown = new AbortController();
    // One listener for each open stream.
    setMaxListeners(0, globalThis.concordShutdown.signal);
  }
  return globalThis.concordShutdown;
}

/** Aborts when the process is asked to stop. Every endless response must end with it, or the site never stops. */
export const shutdownSignal = (): AbortSignal => controller().signal;

export const beginShutdown = (): void => controller().abort();
