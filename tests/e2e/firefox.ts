import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { WebSocket } from "undici";
import { z } from "zod";

/** Debian's own: Playwright drives only a Firefox of its own making, or a newer one. */
export const FIREFOX = "/usr/bin/firefox-esr";

const heardSchema = z.object({
  id: z.number().nullish(),
  result: z.unknown(),
  message: z.string().optional(),
});
const madeSchema = z.object({ context: z.string() });
const saidSchema = z.object({ result: z.object({ value: z.string() }) });

/** As WebDriver names the keys that type nothing: https://www.w3.org/TR/webdriver2/#keyboard-actions. */
const named: Readonly<Record<string, string>> = {
  Tab: "\uE004",
  Enter: "\uE006",
  Shift: "\uE008",
  Control: "\uE009",
  Escape: "\uE00C",
  ArrowRight: "\uE014",
};

/** One page of a Firefox of its own, over WebDriver BiDi: as much of it as a test of keys needs. */
export interface FirefoxPage {
  /** Keeps a cookie of the site, whose host it is. */
  setCookie(cookie: { name: string; value: string }, host: string): Promise<void>;
  goto(url: string): Promise<void>;
  /** Presses keys one after the other; `Control+Enter` holds the first down. */
  press(...keys: string[]): Promise<void>;
  /** What an expression says on the page, as text. */
  read(expression: string): Promise<string>;
  close(): Promise<void>;
}

/** @throws when no Firefox is there, or it does not open its port */
export async function openFirefox(): Promise<FirefoxPage> {
  const profile = await mkdtemp(join(tmpdir(), "concord-firefox-"));
  const options = ["--headless", "--no-remote", "--remote-debugging-port=0", "--profile", profile];
  const firefox = spawn(FIREFOX, options, { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(firefox, "exit");
  const close = async () => {
    firefox.kill("SIGTERM");
    await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const address = await Promise.race([
      portOf(firefox.stderr),
      ended.then(() => Promise.reject(new Error(`${FIREFOX} ended before it could be asked anything.`))),
    ]);
    const ask = await asking(`${address}/session`);
    await ask("session.new", { capabilities: {} });
    const { context } = madeSchema.parse(await ask("browsingContext.create", { type: "tab" }));
    return {
      async setCookie({ name, value }, host) {
        await ask("storage.setCookie", {
          cookie: { name, value: { type: "string", value }, domain: host, path: "/", httpOnly: true },
        });
      },
      async goto(url) {
        await ask("browsingContext.navigate", { context, url, wait: "complete" });
      },
      async press(...keys) {
        const actions = keys.flatMap((pressed) => {
          const held = pressed.split("+").map((key) => named[key] ?? key);
          return [
            ...held.map((value) => ({ type: "keyDown", value })),
            ...held.toReversed().map((value) => ({ type: "keyUp", value })),
          ];
        });
        await ask("input.performActions", { context, actions: [{ type: "key", id: "keyboard", actions }] });
      },
      async read(expression) {
        const said = await ask("script.evaluate", {
          ...{ expression: `String(${expression})`, target: { context }, awaitPromise: true },
        });
        return saidSchema.parse(said).result.value;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function portOf(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(output)) {
    const address = /WebDriver BiDi listening on (ws:\S+)/.exec(line)?.[1];
    if (address) return address;
  }
  throw new Error("Firefox did not say where it listens.");
}

/** @returns sends a command and waits for its answer */
async function asking(url: string) {
  const socket = new WebSocket(url);
  const waiting = new Map<number, { done: (result: unknown) => void; fail: (reason: Error) => void }>();
  socket.addEventListener("message", ({ data }) => {
    const { id, result, message } = heardSchema.parse(JSON.parse(String(data)));
    const asked = waiting.get(id ?? -1);
    if (message === undefined) asked?.done(result);
    else asked?.fail(new Error(message));
  });
  socket.addEventListener("close", () => {
    for (const { fail } of waiting.values()) fail(new Error("Firefox went away."));
  });
  await once(socket, "open");
  let last = 0;
  return (method: string, params: object): Promise<unknown> => {
    last += 1;
    const id = last;
    return new Promise((done, fail) => {
      waiting.set(id, { done, fail });
      socket.send(JSON.stringify({ id, method, params }));
    });
  };
}
