import { randomUUID } from "node:crypto";
import { hostname, totalmem } from "node:os";
import { join } from "node:path";
import { database } from "../db/client";
import { kindsOf, runQueues } from "../db/shape/run-kinds";
import { storeFromEnvironment } from "../server/artifact/store";
import { withoutNetwork } from "../server/child";
import { env, SettingsError } from "../server/env";
import { log } from "../server/log";
import { keepPrivate } from "./data-folder";
import { endWith } from "./entry";
import { handlers } from "./run/handlers";
import { runWorker } from "./run/worker";
import { announcedOptions, installedEngines, usableDevices } from "./training/engines";

/** One worker process: claims runs until it is told to stop. */
const shutdown = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => shutdown.abort());
// The supervisor was killed. Listening for it alone must not keep the worker alive.
process.once("disconnect", () => shutdown.abort());
process.channel?.unref();

async function main() {
  const { CONCORD_ENGINE, CONCORD_DATA, AUTH_SECRET } = env();
  const engines = installedEngines().filter((engine) => !CONCORD_ENGINE || engine === CONCORD_ENGINE);
  if (engines.length === 0)
    throw new SettingsError(
      `This machine has no ${CONCORD_ENGINE} engine yet: npm run torch:setup makes its environment.`,
    );

  if (withoutNetwork().length === 0)
    log.info("engines reach the network: this system has no unshare, or lets nobody here use it");
  await keepPrivate(CONCORD_DATA);
  const { db, sql, close } = database();
  await runWorker(
    {
      id: randomUUID(),
      name: `${hostname()}:${process.pid}`,
      db,
      sql,
      store: storeFromEnvironment(env()),
      folder: join(CONCORD_DATA, "runs"),
      capabilities: {
        engines,
        // A worker that joined for one engine, or that cannot open the cluster's token, sends nothing on.
        clusters: AUTH_SECRET && !CONCORD_ENGINE ? ["ray"] : [],
        devices: await usableDevices(),
        memoryBytes: totalmem(),
        options: announcedOptions(),
      },
      handlers,
      lanes: CONCORD_ENGINE ? [kindsOf("training")] : runQueues.map(kindsOf),
      clusterKinds: kindsOf("training"),
      log,
    },
    shutdown.signal,
  );
  await close();
}

await main().catch(endWith);
