import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { appRouter } from "@/server/root";
import { gridSchema, managedKeys, personOptionsSchema, trainSpecSchema } from "@/server/training/schema";
import { methods, placeOptions, runShapes } from "@/workers/engine/spec/options";
import { declarationFile } from "@/workers/training/torch-declaration";

/**
 * A path is never taken from a person: whoever may name a file of the machine may read it. These walks look at
 * everything that a request or an option may hold, and want a reason for each field that could name a file, a
 * folder, a module or a host.
 */

/** What a field is called that names a place. */
const NAMES_A_PLACE =
  /path|file|folder|dir(ectory)?$|^cwd$|module|plugin|import_|host|url|uri|address|endpoint|bucket|repository|revision|command|entrypoint|script$|socket/i;

/** Fields that were judged, and what keeps them from being a way in. */
const judgedFields: Readonly<Record<string, string>> = {
  "benchmark.look: files": "A list of uploads, as for import.preview.",
  "benchmark.start: files": "As for the look; the worker writes them under names of its own.",
  "import.preview: files": "A list of uploads; each is opened by its hash, its name is only a label.",
  "import.start: files": "As for the preview.",
  "model.add: source.path": "Resolved below the folders that an admin lists in CONCORD_MODELS, nowhere else.",
  "model.add: source.repository":
    "A name on the Hub the instance is set to; the pattern allows owner/name only.",
  "model.add: source.revision":
    "A branch, tag or commit on the Hub; the pattern allows no way out of its folder.",
  "loop.start: base.source.path": "As for model.add, through the same function.",
  "loop.start: base.source.repository": "As for model.add.",
  "loop.start: base.source.revision": "As for model.add.",
  "conclusion.file: file": "One of the names of what a conclusion can be written as.",
  "model.push: repository": "A name on the Hub the instance is set to.",
  "dataset.push: repository": "A name on the Hub the instance is set to.",
  "cluster.set: address": "Only an admin sets the address of the cluster.",
  "cluster.set: siteAddress": "Only an admin sets the address of the site.",
  "endpoint.add: url":
    "Public and over https, or listed by an admin in CONCORD_ENDPOINT_HOSTS; looked up and held to it at every request.",
  "endpoint.edit: endpointId": "An id.",
  "endpoint.probe: endpointId": "An id.",
  "endpoint.remove: endpointId": "An id.",
  "construction.estimate: recipe.slots.endpointId": "An id.",
  "construction.start: recipe.slots.endpointId": "An id.",
  "judge.create: endpointId": "An id.",
  "judge.revise: endpointId": "An id.",
  "judge.estimateSuccessor: endpointId": "An id.",
  "judge.estimateTry: settings.endpointId": "An id.",
  "judge.succeed: endpointId": "An id.",
  "judge.try: settings.endpointId": "An id.",
  "savedView.save: address":
    "The search part of a page's address, shown again to whoever may open that page.",
  "project.create: retention.addresses": "A number: of days after which the audit log forgets addresses.",
  "project.update: retention.addresses": "As when it is made.",
};

/** Options of a run whose value is free text, and why it names no place. */
const judgedOptions: Readonly<Record<string, string>> = {
  metric_for_best_model: "Compared with the names of measured values.",
  "peft.target_modules": "Compared with the names of the model's layers.",
  resources_per_worker: "Names of Ray's resources with numbers.",
};

interface Node {
  type?: unknown;
  enum?: unknown;
  const?: unknown;
  properties?: Record<string, Node>;
  propertyNames?: Node;
  additionalProperties?: Node | boolean;
  items?: Node | boolean;
  prefixItems?: Node[];
  anyOf?: Node[];
  oneOf?: Node[];
  allOf?: Node[];
}

const nodeSchema = z.custom<Node>((value) => typeof value === "object" && value !== null);
const nodeOf = (schema: z.ZodType) =>
  nodeSchema.parse(z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" }));

/** Every field of a JSON Schema, by its path; a field of several shapes comes several times. */
function* fieldsOf(node: Node, path = ""): Generator<[path: string, node: Node]> {
  if (path) yield [path, node];
  for (const [name, inner] of Object.entries(node.properties ?? {}))
    yield* fieldsOf(inner, path ? `${path}.${name}` : name);
  for (const inner of [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])])
    for (const [at, field] of fieldsOf(inner, path)) if (at !== path || field !== node) yield [at, field];
  for (const inner of [node.items, node.additionalProperties, ...(node.prefixItems ?? [])])
    if (typeof inner === "object") yield* fieldsOf(inner, path);
}

const isFreeText = ({ type, enum: choices, const: only }: Node) =>
  (type === "string" || (Array.isArray(type) && type.includes("string"))) &&
  choices === undefined &&
  only === undefined;

const procedureSchema = z
  .custom<{ _def: unknown }>((value) => typeof value === "function" && "_def" in value)
  .transform(({ _def }) => z.object({ inputs: z.array(z.instanceof(z.ZodType)).default([]) }).parse(_def));

/** `procedure: field` for everything that any request may hold. */
const requestFields = Object.entries(appRouter._def.procedures).flatMap(([name, procedure]) =>
  procedureSchema
    .parse(procedure)
    .inputs.flatMap((schema) => [...fieldsOf(nodeOf(schema))])
    .map(([path]) => ({ procedure: name, path })),
);

describe("no request names a place", () => {
  it("walks every procedure, which are those of pages and of the HTTP API alike", () => {
    expect(requestFields.length).toBeGreaterThan(200);
  });

  it("finds no field that could name a file, a folder, a module or a host, but those that were judged", () => {
    const found = requestFields
      .filter(({ path }) => NAMES_A_PLACE.test(path.split(".").at(-1) ?? ""))
      .map(({ procedure, path }) => `${procedure}: ${path}`);
    expect([...new Set(found)].sort()).toEqual(Object.keys(judgedFields).sort());
  });
});

const torch = z
  .object({ methods: z.record(z.string(), nodeSchema) })
  .parse(JSON.parse(readFileSync(declarationFile, "utf8"))).methods;
const tables: [string, Node][] = [
  ...methods.map((method): [string, Node] => [`onnx ${method}`, nodeOf(runShapes[method])]),
  ...Object.entries(torch).map(([method, table]): [string, Node] => [`torch ${method}`, table]),
];

describe("what a person may set of a run", () => {
  it.each(tables)("%s: every option that names a place is the platform's", (_, table) => {
    const persons = [...fieldsOf(table)].filter(([path]) => !managedKeys.some((key) => key === path));
    expect(persons.length).toBeGreaterThan(40);
    const named = persons.filter(([path]) => NAMES_A_PLACE.test(path) && !(path in judgedOptions));
    expect(named.map(([path]) => path)).toEqual([]);
    // Whatever it is called: text that is no choice could become a path.
    const free = persons.filter(([path, field]) => isFreeText(field) && !(path in judgedOptions));
    expect(free.map(([path]) => path)).toEqual([]);
  });

  it("is refused all options that name places, alone and in a grid", () => {
    expect(placeOptions.length).toBeGreaterThan(5);
    expect(placeOptions.filter((option) => !managedKeys.some((key) => key === option))).toEqual([]);
    for (const option of placeOptions)
      expect(personOptionsSchema.safeParse({ [option]: "/etc/hostname" }).success, option).toBe(false);
    const spec = { versionId: crypto.randomUUID(), modelId: crypto.randomUUID(), name: "n" };
    expect(
      trainSpecSchema.safeParse({ ...spec, options: { chat_template_path: "/etc/hostname" } }).error?.message,
    ).toContain("chatTemplate");
    expect(trainSpecSchema.parse({ ...spec, chatTemplate: "{{ messages }}" }).chatTemplate).toBe(
      "{{ messages }}",
    );
  });

  it("learns the size of a sweep before anything is made of it", () => {
    const values = Array.from({ length: 20 }, (_, index) => index);
    const grid = Object.fromEntries(["a", "b", "c", "d", "e", "f", "g"].map((name) => [name, values]));
    expect(gridSchema.safeParse(grid).error?.message).toContain("1280000000 runs");
    expect(gridSchema.safeParse({ beta: [1, 2, 3], "peft.r": [4, 8] }).success).toBe(true);
    expect(gridSchema.safeParse({ __proto__x: [1] }).success).toBe(false);
  });
});
