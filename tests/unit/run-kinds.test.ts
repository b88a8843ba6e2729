import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { kindsOf, runKindNames, runKinds, runQueues } from "@/db/shape/run-kinds";
import { trainingMethods } from "@/db/shape/training";
import { appRouter } from "@/server/root";
import { handlers } from "@/workers/run/handlers";

const root = resolve(import.meta.dirname, "../..");

it("every kind waits in one queue and has a handler", () => {
  expect(runQueues.flatMap(kindsOf).sort()).toEqual([...runKindNames].sort());
  expect(Object.keys(handlers).sort()).toEqual([...runKindNames].sort());
  expect(kindsOf("training")).toEqual(trainingMethods);
});

it("every kind that is announced is launched, by procedures that exist", () => {
  const procedures = new Map(Object.entries(appRouter._def.procedures));
  const unknown = runKindNames.flatMap((kind) =>
    runKinds[kind].launchedBy.filter((name) => !procedures.has(name)).map((name) => `${kind}: ${name}`),
  );
  expect(unknown).toEqual([]);
  expect(runKindNames.filter((kind) => runKinds[kind].launchedBy.length === 0)).toEqual([]);
});

it("a kind is named where it is described, where its handler is listed, and where it is queued", () => {
  const sources = ["app", "server", "db", "workers"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.tsx?$/.test(path) && !path.startsWith("torch"))
      .map((path) => join(folder, path)),
  );
  // A kind needs no more; the loop of the demo and the page of a run, which leads on, treat this one specially.
  const isSpecial = (path: string) => /\/loop[\w-]*(\/|\.ts)|server\/demo\/schema|run-detail/.test(path);
  const naming = sources.filter(
    (path) => !isSpecial(path) && /\bnew_model\b/.test(readFileSync(join(root, path), "utf8")),
  );
  expect(naming.sort()).toEqual([
    "db/shape/run-kinds.ts",
    "server/model/model.ts",
    "workers/run/handlers/index.ts",
  ]);
});
