import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { modelSourceSchema } from "@/db/shape/model";
import { mayBeNamed, modelFilesIn, openModelFolder, seesModels } from "@/server/model/folder";
import { newModelSchema } from "@/server/model/schema";

const machine = realpathSync(mkdtempSync(join(tmpdir(), "concord-folders-")));
const folder = (path: string, files: readonly string[] = ["config.json"]) => {
  const made = join(machine, path);
  mkdirSync(made, { recursive: true });
  for (const name of files) writeFileSync(join(made, name), "{}");
  return made;
};
const root = folder("models", []);
const data = folder("models/.concord", ["auth-secret"]);
const places = { CONCORD_MODELS: `relative:${root}`, CONCORD_DATA: data };
const all = ["config.json", "model.safetensors", "tokenizer.json"];
const good = folder("models/good", all);
const elsewhere = folder("elsewhere", all);

it("opens a model below a listed folder, and the snapshots of a Hub cache there", () => {
  expect(openModelFolder(good, places)).toBe(good);
  expect(openModelFolder(`${root}/../models/good`, places)).toBe(good);
  const blobs = folder("models/hub/blobs", ["0a"]);
  const snapshot = folder("models/hub/snapshots/1", []);
  symlinkSync(join(blobs, "0a"), join(snapshot, "config.json"));
  expect(openModelFolder(snapshot, places)).toBe(snapshot);
  expect(modelFilesIn(snapshot).map(({ name }) => name)).toEqual(["config.json"]);
});

it("opens nothing else, and says of everything the same", () => {
  symlinkSync(elsewhere, join(root, "link"));
  folder("models/.concord/models/of-another-project");
  const linked = folder("models/linked");
  symlinkSync(join(elsewhere, "tokenizer.json"), join(linked, "tokenizer.json"));
  folder("models/without-config", []);
  const said = [
    elsewhere,
    `${machine}/nowhere`,
    `${root}/nowhere`,
    `${root}/link`,
    `${root}/../elsewhere`,
    linked,
    `${root}/without-config`,
    data,
    `${data}/models/of-another-project`,
    root,
    "good",
    `${root}-2`,
  ].map((path) => {
    try {
      return openModelFolder(path, places);
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
  });
  expect(new Set(said).size).toBe(1);
  expect(said[0]).toContain("CONCORD_MODELS");
  expect(said[0]).not.toContain(machine);
  expect(() => openModelFolder(good, { ...places, CONCORD_MODELS: "" })).toThrow();
});

it("names are judged without looking at the disk", () => {
  expect(mayBeNamed(`${root}/not-here`, places)).toBe(true);
  expect(mayBeNamed(elsewhere, places)).toBe(false);
  expect(mayBeNamed(`${root}/../elsewhere`, places)).toBe(false);
  expect(mayBeNamed("good", places)).toBe(false);
  // A folder is looked at before a run needs it only where a listed root lies.
  expect(seesModels(places)).toBe(true);
  expect(seesModels({ ...places, CONCORD_MODELS: `${root}/not-here` })).toBe(false);
});

it("takes of a folder the known files of a model only", () => {
  const full = folder("models/full", [
    ...all,
    "model-00001-of-00002.safetensors",
    "model.safetensors.index.json",
    "README.md",
    "auth-secret",
    "notes.txt",
    "deploy.json",
    ".env",
    "training_args.bin",
  ]);
  mkdirSync(join(full, "inner"));
  expect(modelFilesIn(full).map(({ name }) => name)).toEqual([
    "README.md",
    "config.json",
    "model-00001-of-00002.safetensors",
    "model.safetensors",
    "model.safetensors.index.json",
    "tokenizer.json",
  ]);
  symlinkSync(join(data, "auth-secret"), join(full, "vocab.json"));
  expect(() => modelFilesIn(full)).toThrow(/CONCORD_MODELS/);
});

it("a revision and a repository stay within their folder and address", () => {
  const source = (repository: string, revision: string) =>
    modelSourceSchema.safeParse({ kind: "hub", repository, revision }).success;
  expect(source("org/model", "main")).toBe(true);
  expect(source("org/model.v2", "refs/pr/3")).toBe(true);
  for (const revision of ["../../x", "a/../../x", "/etc", "a\0b", ""])
    expect(source("o/m", revision)).toBe(false);
  for (const repository of ["../..", "a/..", "./b", "a/b/c"]) expect(source(repository, "main")).toBe(false);
});

it("a model from nothing has a bounded number of weights", () => {
  expect(newModelSchema.safeParse({ name: "usual" }).success).toBe(true);
  const largest = { hidden_size: 4096, num_hidden_layers: 64, intermediate_size: 16_384, vocab_size: 64_000 };
  expect(newModelSchema.safeParse({ name: "huge", ...largest }).error?.message).toContain("17443 million");
});
