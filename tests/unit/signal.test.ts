import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { joined } from "@/server/signal";

setFlagsFromString("--expose-gc");
const gc: unknown = runInNewContext("gc");

/** As a process does of itself sooner or later: lets go of whatever nobody holds. */
async function collect(): Promise<void> {
  for (let round = 0; round < 5; round++) {
    // A turn between: what is weakly held is kept to the end of the one that looked at it.
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (typeof gc === "function") gc();
  }
}

/** Listens to a signal that nothing here holds. */
function heard(make: () => AbortSignal): () => boolean {
  let told = false;
  make().addEventListener("abort", () => {
    told = true;
  });
  return () => told;
}

test("a timeout that nobody holds tells whom it was joined for", async () => {
  const other = new AbortController();
  const isTold = heard(() => joined(other.signal, AbortSignal.timeout(1_000)));
  await collect();
  await expect.poll(isTold, { timeout: 60_000 }).toBe(true);
});

test("a request tells that its client has gone, whoever has let go of it", async () => {
  const client = new AbortController();
  const other = new AbortController();
  const isTold = heard(() =>
    joined(joined(new Request("http://site/", { signal: client.signal }), other.signal), other.signal),
  );
  await collect();
  client.abort();
  expect(isTold()).toBe(true);
});

test("nothing is kept that nobody listens to", async () => {
  const other = new AbortController();
  const request = (() => {
    const made = new Request("http://site/");
    joined(made, other.signal);
    return new WeakRef(made);
  })();
  await expect.poll(async () => collect().then(() => request.deref()), { timeout: 60_000 }).toBeUndefined();
});
