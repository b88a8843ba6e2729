import { describe, expect, test } from "vitest";
import { z } from "zod";
import { EngineError } from "@/workers/engine/errors";
import { NOWHERE } from "@/workers/engine/infer/automaton";
import { HeldTo, TokenBytes } from "@/workers/engine/infer/held";
import { automatonOf } from "@/workers/engine/infer/json-schema";
import { seeded } from "@/workers/engine/random";

type JsonSchema = Extract<Parameters<typeof z.fromJSONSchema>[0], object>;

const object = (properties: Record<string, JsonSchema>, required = Object.keys(properties)): JsonSchema => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

/** Whether all of a text may be written. */
function takes(schema: unknown, text: string): boolean {
  const automaton = automatonOf(JSON.stringify(schema));
  let state = automaton.start;
  for (const byte of Buffer.from(text)) {
    state = automaton.after(state, byte);
    if (state === NOWHERE) return false;
  }
  return automaton.isWhole(state);
}

const verdict = object({
  reasoning: { type: "string" },
  verdict: { type: "string", enum: ["A", "B", "tie"] },
});
const person: JsonSchema = {
  $defs: {
    place: object({ city: { type: "string" }, zip: { type: "integer", minimum: 0, maximum: 99_999 } }),
  },
  ...object(
    {
      name: { type: "string", minLength: 1, maxLength: 4 },
      nick: { type: ["string", "null"] },
      home: { $ref: "#/$defs/place", description: "where" },
      tags: { type: "array", items: { enum: ["a", "b", 1, null] }, minItems: 1, maxItems: 3 },
      score: { type: "number" },
      ok: { anyOf: [{ type: "boolean" }, { const: "maybe" }] },
    },
    ["name", "home", "tags", "score"],
  ),
};
const lists = object({
  rows: { type: "array", items: { type: "array", items: { type: "integer" } }, minItems: 2 },
  more: { type: "object", additionalProperties: { type: "boolean" } },
});
const optional = object({ a: { const: 1 }, b: { const: 2 }, c: { const: 3 } }, ["b"]);
const schemas: Record<string, JsonSchema> = {
  verdict,
  person,
  lists,
  optional,
  object: { type: "object" },
  number: { type: "number" },
};

describe("what may be written", () => {
  test.each<[string, unknown, string[], string[]]>([
    [
      "keys in their order",
      verdict,
      [
        '{"reasoning":"","verdict":"A"}',
        '{"reasoning": "é 漢 😀 \\" \\n \\u00e9", "verdict": "tie"}',
        '{\n  "reasoning": "x",\n  "verdict": "B"\n}',
      ],
      [
        '{"verdict":"A","reasoning":""}',
        '{"reasoning":"","verdict":"C"}',
        '{"reasoning":""}',
        '{"reasoning":"a\nb","verdict":"A"}',
        '{"reasoning":"\\ud800","verdict":"A"}',
        '{"reasoning":"","verdict":"A"} ',
        '{"reasoning":"",  "verdict":"A"}',
      ],
    ],
    [
      "keys that may be left out",
      optional,
      ['{"b":2}', '{"a":1,"b":2}', '{"b":2,"c":3}', '{"a":1, "b":2, "c":3}'],
      ["{}", '{"a":1}', '{,"b":2}', '{"b":2,}', '{"a":1,"c":3}', '{"b":2"c":3}'],
    ],
    [
      "lists",
      { type: "array", items: { type: "null" } },
      ["[]", "[null]", "[null, null]"],
      ["[", "[null,]", "[,]"],
    ],
    [
      "lists between bounds",
      { type: "array", items: { type: "null" }, minItems: 1, maxItems: 2 },
      ["[null]", "[null,null]"],
      ["[]", "[null,null,null]"],
    ],
    [
      "whole numbers between bounds",
      { type: "integer", minimum: -12, maximum: 130 },
      ["-12", "-9", "-1", "0", "7", "99", "100", "130"],
      ["-13", "-0", "00", "01", "131", "1.0", "200", "", "-"],
    ],
    ["whole numbers", { type: "integer" }, ["9007199254740991", "-42"], ["9007199254740992", "1e3"]],
    [
      "numbers",
      { type: "number" },
      ["0", "-0.5", "1e9", "12.25E-3"],
      ["01", ".5", "1.", "1e", "1e999", "NaN"],
    ],
    [
      "texts of a length",
      { type: "string", minLength: 2, maxLength: 2 },
      ['"ab"', '"😀\\n"'],
      ['"a"', '"abc"'],
    ],
    ["values", { enum: ["a", 1, null, [1, 2]] }, ['"a"', "1", "null", "[1,2]"], ['"b"', "2"]],
    ["any object", { type: "object" }, ["{}", '{"a":[1,{"b":null}]}'], ["[]", "1", '{"a"}']],
  ])("%s", (_, schema, whole, other) => {
    for (const text of whole) expect(takes(schema, text), text).toBe(true);
    for (const text of other) expect(takes(schema, text), text).toBe(false);
  });

  test.each(Object.entries(schemas))(
    "%s: whatever tokens are drawn, it is JSON of the schema",
    (_, schema) => {
      const random = seeded(1, "tokens");
      const drawn = (most: number) => Math.floor(random.uniform() * most);
      const single = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
      const likely = [
        '"',
        '{"',
        '":',
        '", "',
        '"}',
        "é",
        "漢",
        "}",
        " 1",
        "e",
        "null",
        '"a"',
        '":"',
        "\n  ",
        "]",
        "[[",
      ];
      const tokens: (Uint8Array | null)[] = [
        null,
        ...single,
        ...likely.map((text) => Buffer.from(text)),
        ...Array.from({ length: 300 }, () =>
          Buffer.from(Array.from({ length: 2 + drawn(2) }, () => likely[drawn(likely.length)]).join("")),
        ),
      ];
      const automaton = automatonOf(JSON.stringify(schema));
      const held = new HeldTo(automaton, new TokenBytes(tokens), [0]);
      const valid = z.fromJSONSchema(schema);
      let ended = 0;
      for (let round = 0; round < 40; round++) {
        const bytes: number[] = [];
        let state = held.start;
        while (bytes.length < 400 && !held.isOver(state)) {
          const allowed = held.allowed(state);
          // Each token, byte by byte.
          const wrong = tokens.filter((token, id) => {
            let at = state;
            for (const byte of token ?? []) at = at === NOWHERE ? at : automaton.after(at, byte);
            return (allowed[id] === 1) !== (token === null ? automaton.isWhole(state) : at !== NOWHERE);
          });
          if (wrong.length > 0)
            throw new Error(`wrong: ${wrong.map((token) => Buffer.from(token ?? [])).join()}`);
          const ids = [...allowed.keys()].filter((id) => allowed[id]);
          // Closing more often than not, so that it ends.
          const closing = ids.filter(
            (id) => id === 0 || /["\]}]$/.test(Buffer.from(tokens[id] ?? []).toString()),
          );
          const from = closing.length > 0 && random.uniform() < 0.6 ? closing : ids;
          const id = from[drawn(from.length)];
          if (id === 0) break;
          bytes.push(...(tokens[id] ?? []));
          state = held.after(state, id);
        }
        if (!automaton.isWhole(state)) continue;
        ended++;
        const text = new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes));
        expect(valid.safeParse(JSON.parse(text)).error, text).toBeUndefined();
      }
      expect(ended).toBeGreaterThan(15);
    },
  );
});

test.each<[string, unknown, string]>([
  [
    "a pattern",
    object({ a: { type: "string", pattern: "^x" } }),
    'at properties.a: "pattern" is not kept to here',
  ],
  ["a format", { type: "string", format: "date" }, '"format" is not kept to here'],
  ["bounds of numbers", { type: "number", minimum: 0 }, '"minimum" beside "type"'],
  ["one of several", { oneOf: [{ type: "null" }] }, '"oneOf"'],
  ["a conjunction", { type: "object", allOf: [] }, '"allOf"'],
  ["what stands beside others", { anyOf: [{ type: "null" }], minLength: 1 }, '"minLength" beside "anyOf"'],
  ["an unknown type", { type: "date" }, '"type" must be of object, array'],
  ["no type", { properties: {} }, 'says no "type": write "type": "object"'],
  ["a required key without a form", object({}, ["a"]), '"a" is required and not among "properties"'],
  [
    "a definition that holds itself",
    { $defs: { a: { type: "array", items: { $ref: "#/$defs/a" } } }, $ref: "#/$defs/a" },
    "holds itself",
  ],
  ["a reference to nothing", { $ref: "https://example.com/x" }, "names no definition"],
  ["nothing that could be", { type: "string", enum: [1] }, "no value is allowed"],
  ["bounds that leave nothing", { type: "integer", minimum: 2, maximum: 1 }, "no whole number"],
  ["what unfolds without end", { type: "array", minItems: 1e7, items: {} }, "too large"],
])("%s is refused by name", (_, schema, said) => {
  const read = () => automatonOf(JSON.stringify(schema));
  expect(read).toThrow(EngineError);
  expect(read).toThrow(said);
});

test("a vocabulary that lacks a sign says so", () => {
  const held = new HeldTo(automatonOf('{"type":"object"}'), new TokenBytes([null, Buffer.from("a")]), [0]);
  expect(() => held.allowed(held.start)).toThrow("has no token for what the JSON schema asks");
});
