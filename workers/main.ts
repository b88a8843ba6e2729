import { randomUUID } from "node:crypto";
import { hostname, totalmem } from "node:os";
import { join } from "node:path";
import { type Db, database } from "../db/client";
import { kindsOf, runQueues } from "../db/shape/run-kinds";
import { claimStore } from "../server/artifact/collect";
import { storeFromEnvironment } from "../server/artifact/store";
import { withoutNetwork } from "../server/child";
import { env, SettingsError } from "../server/env";
import { log } from "../server/log";
import { keepPrivate } from "./data-folder";
import { endWith } from "./entry";
import { keepAnswers } from "./quality/keeper";
import { measureQuality } from "./quality/measurer";
import { claimFolder, collectFolders } from "./run/folders";
import { handlers } from "./run/handlers";
import { runWorker } from "./run/worker";
import { serveCalls } from "./serving/serve";
import { announcedOptions, installedEngines, usableDevices } from "./training/engines";

/** One worker process: claims runs until it is told to stop. */
const shutdown = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => shutdown.abort());
// The supervisor was killed. Listening for it alone must not keep the worker alive.
process.once("disconnect", () => shutdown.abort());
process.channel?.unref();

async function main() {
  const { CONCORD_ENGINE, CONCORD_DATA, CONCORD_STORE, AUTH_SECRET } = env();
  // Whoever reaches the artifacts through the site takes none away.
  const isAfar = /^https?:/.test(CONCORD_STORE ?? "");
  const engines = installedEngines().filter((engine) => !CONCORD_ENGINE || engine === CONCORD_ENGINE);
  if (engines.length === 0)
    throw new SettingsError(
      `This machine has no ${CONCORD_ENGINE} engine yet: npm run torch:setup makes its environment.`,
    );

  if (withoutNetwork().length === 0)
    log.info("engines reach the network: this system has no unshare, or lets nobody here use it");
  await keepPrivate(CONCORD_DATA);
  const { db, sql, close } = database();
  const store = storeFromEnvironment(env());
  // Collecting is for later; whose the folders are is plain while they are new.
  await Promise.all([isAfar || claimStore(db, store), claimFolder(db, CONCORD_DATA)]).catch((err: unknown) =>
    log.warn({ err }, "it could not be noted whose the folders are"),
  );
  if (CONCORD_ENGINE || isAfar) keepTidy(db, CONCORD_DATA);
  const working = runWorker(
    {
      id: randomUUID(),
      name: `${hostname()}:${process.pid}`,
      db,
      sql,
      store,
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
      lanes: CONCORD_ENGINE
        ? [kindsOf("training")]
        : runQueues
            // A machine elsewhere reads no keys of endpoints.
            .filter((queue) => (queue !== "endpoints" && queue !== "judging") || !isAfar)
            .map((queue) => kindsOf(queue).filter((kind) => kind !== "collect" || !isAfar)),
      clusterKinds: kindsOf("training"),
      log,
    },
    shutdown.signal,
  );
  // A machine that joined for training leaves the votes, and whoever asks models, to those beside the site.
  const beside = !CONCORD_ENGINE && !isAfar;
  const measuring =
    beside && process.env.DATABASE_URL
      ? [measureQuality, keepAnswers].map((work) =>
          work({ db, sql, url: process.env.DATABASE_URL ?? "", log }, shutdown.signal),
        )
      : [];
  const serving = beside ? serveCalls({ db, sql, store, log }, shutdown.signal) : undefined;
  await Promise.all([working, ...measuring, serving]);
  await close();
}

/** A machine elsewhere runs no collections; what it keeps of deleted projects goes at its start and once a day. */
function keepTidy(db: Db, data: string): void {
  const tidy = () =>
    collectFolders(db, data, shutdown.signal).then(
      (collected) => log.info({ collected }, "folders of deleted runs and models"),
      (err: unknown) => log.warn({ err }, "folders of deleted runs and models were not collected"),
    );
  void tidy();
  setInterval(tidy, 24 * 3_600_000).unref();
}

await main().catch(endWith);
