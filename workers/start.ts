import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "../db/client";
import { type EmbeddedServer, startEmbedded } from "../db/embedded/server";
import { migrate } from "../db/migrate";
import { refuseTransactionPooling } from "../db/pooler";
import { grantRoles } from "../db/roles";
import { storeFromEnvironment } from "../server/artifact/store";
import { seedDemo } from "../server/demo/demo";
import { type Environment, env } from "../server/env";
import { log } from "../server/log";
import { ensureFirstAdmin } from "../server/people/first-admin";
import type { SignInLink } from "../server/people/links";
import { buildIfNeeded } from "./build";
import { keepPrivate } from "./data-folder";
import { holdDataFolder } from "./hold";
import { supervise } from "./supervise";

/** `npm start` and `npm run dev`: database, site and worker as one program, started and stopped in order. */

const root = fileURLToPath(new URL("..", import.meta.url));
const development = process.argv.includes("--dev");
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Undoes what has been started, newest first: the database, which everything needs, ends last. */
const stops: (() => Promise<unknown>)[] = [];
const stopping = new AbortController();
let stopped: Promise<void> | undefined;

function stopEverything(): Promise<void> {
  stopped ??= (async () => {
    stopping.abort();
    for (const stop of stops.reverse()) await stop();
  })();
  return stopped;
}

async function main() {
  const settings = env();
  // Refuses settings that do not fit each other, before anything is started.
  storeFromEnvironment(settings);
  const address = settings.CONCORD_URL ?? `http://localhost:${settings.PORT}`;
  await refuseUselessPort(settings.PORT, settings.HOST);
  await keepPrivate(settings.CONCORD_DATA);

  const { url, ownerUrl, passwords } = settings.DATABASE_URL
    ? {
        url: settings.DATABASE_URL,
        ownerUrl: settings.DATABASE_OWNER_URL ?? settings.DATABASE_URL,
        passwords: undefined,
      }
    : await startDatabase(settings.CONCORD_DATA);
  await refuseTransactionPooling(ownerUrl);
  await migrate(ownerUrl);
  if (ownerUrl !== url) {
    // Before anybody comes as one of them: at a first start they do not exist.
    await grantRoles(ownerUrl, passwords);
    await refuseTransactionPooling(url);
  }
  const [link] = await Promise.all([
    prepare(url, settings),
    development ? undefined : buildIfNeeded(root, stopping.signal),
  ]);

  // Whoever answers the network has no use for the owner of the tables.
  const { DATABASE_OWNER_URL: _, ...inherited } = process.env;
  const childEnv = {
    ...inherited,
    NODE_ENV: development ? "development" : "production",
    NEXT_TELEMETRY_DISABLED: "1",
    DATABASE_URL: url,
    CONCORD_DATA: settings.CONCORD_DATA,
    AUTH_SECRET: settings.AUTH_SECRET ?? (await storedSecret(settings.CONCORD_DATA)),
    ...(settings.CONCORD_URL && { AUTH_URL: settings.CONCORD_URL }),
  } satisfies NodeJS.ProcessEnv;
  stopping.signal.throwIfAborted();
  const programs = [
    supervise({ name: "site", args: siteArguments(settings), env: childEnv }),
    supervise({ name: "worker", args: workerArguments(), env: childEnv }),
  ];
  stops.push(() => Promise.all(programs.map((program) => program.stop())));
  // Asked a second time: no more patience, except for the database. What comes within a second is npm's echo of a
  // signal that the whole process group was sent.
  stopping.signal.addEventListener("abort", () => {
    const first = Date.now();
    const insist = () => Date.now() - first > 1000 && programs.forEach((program) => void program.kill());
    for (const name of SIGNALS) process.on(name, insist);
  });

  await siteAnswers(settings.PORT, settings.HOST);
  console.log(`\nConcord is running at ${address}`);
  if (link) {
    console.log(
      `Sign in as the first admin with this link. It works once, until ${link.expiresAt.toISOString()}:`,
    );
    console.log(`  ${address}${link.path}\n`);
  }
}

/** Before anything else of the folder is touched: another supervisor's database is neither adopted nor stopped. */
async function startDatabase(data: string) {
  stops.push(await holdDataFolder(data));
  const server = await startEmbedded(data);
  const guard = keepUp(server);
  stops.push(async () => {
    clearInterval(guard);
    await server.stop();
  });
  return { url: server.siteUrl, ownerUrl: server.url, passwords: server.passwords };
}

function siteArguments({ PORT, HOST }: { PORT: number; HOST?: string }): string[] {
  const next = join(root, "node_modules/next/dist/bin/next");
  const listen = ["--port", String(PORT), ...(HOST ? ["--hostname", HOST] : [])];
  return [next, development ? "dev" : "start", root, ...listen];
}

function workerArguments(): string[] {
  const main = join(root, "workers/main.ts");
  if (development) return [join(root, "node_modules/tsx/dist/cli.mjs"), "watch", main];
  return ["--import", "tsx", main];
}

/** What a fresh database needs: somebody who runs the instance, and the demo project. */
async function prepare(
  url: string,
  { CONCORD_ADMIN_TOKEN, CONCORD_DEMO }: Environment,
): Promise<SignInLink | undefined> {
  const { db, close } = connect(url, { max: 1 });
  try {
    const link = await ensureFirstAdmin(db, { presetApiToken: CONCORD_ADMIN_TOKEN });
    if (CONCORD_DEMO) await seedDemo(db);
    return link;
  } finally {
    await close();
  }
}

/** Signs sessions and encrypts stored keys. Several machines on one database need the same AUTH_SECRET instead. */
async function storedSecret(data: string): Promise<string> {
  const file = join(data, "auth-secret");
  await writeFile(file, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    },
  );
  return (await readFile(file, "utf8")).trim();
}

/** Starts PostgreSQL again when it was killed; looking costs one system call. */
function keepUp(embedded: EmbeddedServer): NodeJS.Timeout {
  let missing = 0;
  return setInterval(async () => {
    missing = embedded.isRunning() ? 0 : missing + 1;
    // A restart by hand is down for a moment too: only the second look in a row counts.
    if (missing !== 2) return;
    log.error("the database ended unexpectedly and is restarted");
    try {
      await embedded.start();
    } catch (error) {
      log.error({ err: error }, "the database did not start");
    }
    missing = 0;
  }, 1000);
}

async function refuseUselessPort(port: number, host?: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe: Server = createServer();
    probe.once("error", (cause: NodeJS.ErrnoException) => {
      const advice = "Stop the program that uses it, or set PORT to another number.";
      reject(new Error(`Port ${port} cannot be used (${cause.code}). ${advice}`, { cause }));
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
  // Nobody listens there, so that nothing else comes of it than why not: fetch keeps to the browsers' list.
  const refused: unknown = await fetch(siteAt(port, host)).catch((error: Error) => error.cause);
  if (refused instanceof Error && refused.message === "bad port")
    throw new Error(`Port ${port} cannot be used: browsers open no page on it. Set PORT to another number.`);
}

/** Where this machine reaches what listens there. */
const siteAt = (port: number, host = "localhost") =>
  `http://${host.includes(":") ? `[${host}]` : host}:${port}`;

async function siteAnswers(port: number, host?: string): Promise<void> {
  while (!stopping.signal.aborted) {
    const answer = await fetch(`${siteAt(port, host)}/api/health`).catch(() => undefined);
    if (answer) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

for (const name of SIGNALS) {
  // For good: between the end of a handler that hears one signal and the next handler, another would end the process.
  process.on(name, async () => {
    if (stopping.signal.aborted) return;
    console.log("\nStopping: the site and the worker finish what they do, then the database.");
    await stopEverything();
    process.exit(0);
  });
}
main().catch(async (error: unknown) => {
  // A signal during the start interrupts it; its own handler ends the process.
  if (stopping.signal.aborted) return;
  console.error(error instanceof Error ? `\n${error.message}` : error);
  await stopEverything();
  process.exit(1);
});
