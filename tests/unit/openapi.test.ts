import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { pascal } from "@/server/openapi/components";
import { nounOf, openApi } from "@/server/openapi/document";
import { fileOperations } from "@/server/openapi/files";
import { named, nouns } from "@/server/openapi/names";
import { routes } from "@/server/rest/routes";

const document = openApi();
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
);
const { schemas } = document.components;

const schemaOf = z.looseObject({
  items: z.unknown().optional(),
  anyOf: z.array(z.looseObject({})).default([]),
  properties: z.unknown().optional(),
});

/** Every schema in a value, with the way to it. */
function* schemasIn(value: unknown, way: string): Generator<[string, z.infer<typeof schemaOf>]> {
  if (typeof value !== "object" || value === null) return;
  const { data } = schemaOf.safeParse(value);
  if (data && !Array.isArray(value)) yield [way, data];
  for (const [key, part] of Object.entries(value)) yield* schemasIn(part, `${way}/${key}`);
}

const referencesIn = (value: unknown) =>
  [...JSON.stringify(value).matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g)].map(
    ([, kind = "", name = ""]) => ({ kind, name }),
  );

test("has each operation once, with its path's parameters and its noun in words", () => {
  expect(operations.map(({ operationId }) => operationId).toSorted()).toEqual(
    [...routes(), ...fileOperations].map(({ name }) => name).toSorted(),
  );
  for (const { path, parameters, input } of routes())
    expect(Object.keys(input.properties), path).toEqual(expect.arrayContaining(parameters));
  expect(Object.keys(nouns).toSorted()).toEqual(
    [...new Set(operations.map(({ operationId }) => nounOf(operationId)))].toSorted(),
  );
});

test("lists the route handlers that take or give files", () => {
  const handlers = readdirSync(join(process.cwd(), "app/api/v1"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("/route.ts"))
    .map((path) => `/${dirname(path).replace(/\[(?:\.\.\.)?(\w+)\]/g, "{$1}")}`)
    .filter((path) => !["/{path}", "/openapi.json"].includes(path));
  expect(fileOperations.map(({ path }) => path).toSorted()).toEqual(handlers.toSorted());
});

test("refers to nothing that is missing, and keeps nothing that nobody refers to", () => {
  const { components } = document;
  const there = z.record(z.string(), z.record(z.string(), z.unknown())).parse(components);
  const used = new Set(referencesIn(document).map(({ kind, name }) => `${kind}/${name}`));
  for (const kind of ["schemas", "parameters", "responses"])
    for (const name of Object.keys(there[kind] ?? {})) expect(used).toContain(`${kind}/${name}`);
  for (const { kind, name } of referencesIn(document)) expect(Object.keys(there[kind] ?? {})).toContain(name);
  expect(JSON.stringify(document)).not.toContain("$defs");
});

test("every object has a name, and one that several operations share a name of its own in names.ts", () => {
  for (const [way, schema] of schemasIn(document.paths, "paths"))
    if (schema.properties) expect.fail(`${way} is an object without a name`);
  const homes = new Map<string, Set<string>>();
  const note = (home: string, value: unknown) => {
    for (const { kind, name } of referencesIn(value))
      if (kind === "schemas") homes.set(name, new Set([...(homes.get(name) ?? []), home]));
  };
  for (const operation of operations) note(operation.operationId, operation);
  for (const [name, schema] of Object.entries(schemas)) note(name, schema);
  const own = [...Object.keys(named), "Problem", "FieldError"];
  const places = operations.map(({ operationId }) => pascal(operationId));
  const unnamed = [...homes].filter(
    ([name, where]) =>
      where.size > 1 &&
      !own.includes(name.replace(/Input$/, "")) &&
      places.some((place) => name.startsWith(place)),
  );
  expect(unnamed.map(([name, where]) => `${name}: ${[...where].join(", ")}`)).toEqual([]);
  for (const name of Object.keys(named))
    expect(
      [name, `${name}Input`].some((one) => one in schemas),
      `${name} is in no operation`,
    ).toBe(true);
});

test("says nothing that generators cannot read", () => {
  for (const [way, schema] of schemasIn(document, "")) {
    expect(schema.items, way).not.toBe(false);
    expect(
      schema.anyOf.length > 1 && schema.anyOf.every((option) => "const" in option),
      `${way}: a choice of constants is an enum`,
    ).toBe(false);
  }
});

test("every operation tells each status, and refusals are problem documents", () => {
  const { responses } = z.object({ responses: z.record(z.string(), z.unknown()) }).parse(document.components);
  for (const response of Object.values(responses))
    expect(JSON.stringify(response)).toContain(
      '"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"',
    );
  for (const { operationId, method, responses: answers } of operations) {
    const statuses = Object.keys(answers);
    expect(statuses, operationId).toEqual(expect.arrayContaining(["400", "401", "403", "500", "503"]));
    expect(statuses.filter((status) => status.startsWith("2")).length, operationId).toBeGreaterThan(0);
    if (method !== "get")
      expect(statuses, operationId).toContain(operationId === "import.upload" ? "413" : "409");
  }
});

test("describes files, uploads, events and filters", () => {
  const text = (id: string) => JSON.stringify(operations.find(({ operationId }) => operationId === id));
  expect(text("import.upload")).toMatch(/"201".*"sha256"|"201".*ImportUploadAnswer/);
  for (const status of ["200", "206", "304", "416"]) expect(text("run.file")).toContain(`"${status}":`);
  for (const name of ["Range", "IfRange", "IfNoneMatch"])
    expect(text("run.file")).toContain(`#/components/parameters/${name}`);
  expect(text("run.watch")).toContain("#/components/schemas/RunEvent");
  expect(text("run.watch")).toContain("#/components/parameters/LastEventId");
  expect(text("review.csv")).toContain('"name":"minStrength"');
  expect(text("project.create")).toContain("#/components/parameters/IdempotencyKey");
});
