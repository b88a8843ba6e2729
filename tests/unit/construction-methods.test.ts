import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { messageSchema } from "@/db/shape/content";
import { replySchema } from "@/db/shape/endpoint";
import { jsonIn } from "@/server/construction/method/json";
import type { Answer, Ask, Candidate } from "@/server/construction/method/method";
import { methodOf, methods } from "@/server/construction/method/methods";

const answer = z.union([
  z.object({ reply: replySchema.pick({ text: true, finishReason: true, logprobs: true }) }),
  z.object({ score: z.number() }),
  z.object({ failure: z.string() }),
]);
const prompt = z.array(messageSchema);
/** What plain Python makes of the same replies: make_method_goldens.py. */
const goldens = z
  .record(
    z.string(),
    z.object({
      method: z.string(),
      options: z.record(z.string(), z.unknown()),
      inputs: z.object({
        prompts: z.array(
          z.object({
            id: z.string(),
            messages: prompt,
            response: z.string().nullable(),
            fields: z.record(z.string(), z.string()),
          }),
        ),
        documents: z.array(z.object({ id: z.string(), text: z.string() })),
      }),
      bound: z.record(z.string(), z.number()),
      want: z.number(),
      seed: z.number(),
      answers: z.record(z.string(), answer),
      candidates: z.array(z.object({ key: z.string(), dropped: z.string().nullable() }).loose()),
    }),
  )
  .parse(JSON.parse(readFileSync(resolve("tests/parity/golden/methods.json"), "utf8")));
const cases = Object.entries(goldens).map(([name, golden]) => ({ name, golden }));
type Golden = (typeof goldens)[string];

/** Runs a method; `told` answers each ask. */
function made(golden: Golden, told: (ask: Ask) => Answer) {
  const method = methodOf(golden.method);
  if (!method) throw new Error(`${golden.method} is no method.`);
  const steps = method.open(golden.options).run(golden);
  const asks: Ask[] = [];
  const candidates: Candidate[] = [];
  for (let step = steps.next([]); !step.done; ) {
    if ("asks" in step.value) {
      expect(step.value.asks.length).toBeLessThanOrEqual(500);
      asks.push(...step.value.asks);
      step = steps.next(step.value.asks.map(told));
    } else {
      candidates.push(...step.value.candidates);
      step = steps.next([]);
    }
  }
  return { asks, candidates };
}

/** As the provider of the golden answers. */
const scripted =
  ({ answers }: Golden) =>
  ({ key }: Ask): Answer => {
    if (!Object.hasOwn(answers, key)) throw new Error(`${key} was not asked by the reference.`);
    return answers[key];
  };

describe.each(cases)("$name", ({ golden }) => {
  const { asks, candidates } = made(golden, scripted(golden));

  it("hands out the candidates of the reference, the rejected ones too, each of the same parents", () => {
    const told = candidates.map(({ verdicts, facts, ...one }) => one);
    expect(told.map(({ key, dropped }) => [key, dropped])).toEqual(
      golden.candidates.map(({ key, dropped }) => [key, dropped]),
    );
    expect(told).toEqual(golden.candidates);
    expect(new Set(golden.candidates.map(({ dropped }) => dropped)).size).toBeGreaterThan(2);
  });

  it("asks what the reference asks, each once, with a seed of its own, of models there are", () => {
    expect(asks.map(({ key }) => key).toSorted()).toEqual(Object.keys(golden.answers).toSorted());
    const seeds = asks.flatMap((ask) => (ask.kind === "score" ? [] : [ask.sampling.seed]));
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(asks.filter(({ slot, at }) => at >= (golden.bound[slot] ?? 0))).toEqual([]);
  });

  it("says of every candidate which filters let it pass, and of each that was dropped which did not", () => {
    for (const { verdicts, dropped, asks: own, key } of candidates) {
      expect([key, verdicts.every(({ keeps }) => keeps)]).toEqual([key, dropped === null]);
      expect(own.filter((ask) => !Object.hasOwn(golden.answers, ask))).toEqual([]);
    }
    const known = new Set([...golden.inputs.prompts, ...golden.inputs.documents].map(({ id }) => id));
    for (const { key, parents } of candidates) {
      expect(parents.filter((parent) => !known.has(parent))).toEqual([]);
      known.add(key);
    }
    expect(known.size).toBe(
      golden.inputs.prompts.length + golden.inputs.documents.length + candidates.length,
    );
  });

  it("makes the same again from the answers that are kept, letter by letter", () => {
    const kept = new Map<string, Answer>();
    const half = asks.length >> 1;
    const stopped = new Error("stopped in the middle");
    const begin = () =>
      made(golden, (ask) => {
        if (kept.size === half) throw stopped;
        const answer = scripted(golden)(ask);
        kept.set(ask.key, answer);
        return answer;
      });
    // What asks nothing cannot be stopped between its asks.
    if (half > 0) expect(begin).toThrow(stopped);
    let asked = 0;
    const again = made(golden, (ask) => {
      const answer = kept.get(ask.key);
      if (!answer) asked++;
      return answer ?? scripted(golden)(ask);
    });
    expect(JSON.stringify(again)).toBe(JSON.stringify({ asks, candidates }));
    expect(asked).toBe(asks.length - half);
  });
});

describe("the gallery", () => {
  it("holds each method once, with a golden, slots and options that can be shown in a form", () => {
    expect(new Set(methods.map(({ id }) => id)).size).toBe(methods.length);
    expect(methods.map(({ id }) => id).toSorted()).toEqual(
      [...new Set(cases.map(({ golden }) => golden.method))].toSorted(),
    );
    for (const { id, options } of methods) {
      const { properties = {} } = z.toJSONSchema(options);
      for (const [name, property] of Object.entries(properties))
        expect([id, name, typeof property === "object" && property.description]).toEqual([
          id,
          name,
          expect.any(String),
        ]);
    }
  });

  it("refuses options and inputs that cannot be run, before anything is asked", () => {
    for (const method of methods) {
      expect(() => method.open({ no_such_option: 1 })).toThrow(/no_such_option/);
    }
    const [{ golden }] = cases;
    const open = methodOf(golden.method)?.open({});
    expect(() => open?.run({ ...golden, inputs: { prompts: [], documents: [] } })).toThrow("no prompts");
    expect(() => open?.run({ ...golden, bound: {} })).toThrow("the slot writer has no model");
    expect(() => methodOf("self-instruct")?.open({ shown: 4, machine_made: 4 })).toThrow("machine_made: ");
  });
});

describe("what a run costs", () => {
  const prompts = Array.from({ length: 6 }, (_, at) => ({
    ...{ id: `p${at}`, messages: [{ role: "user" as const, content: `Task ${at}` }], response: "Yes" },
    fields: { consent: "true" },
  }));
  const documents = prompts.map(({ id }) => ({ id, text: `What stands in ${id} is a sentence.` }));
  /** Answers all that is asked, as well as can be. */
  function well(ask: Ask): Answer {
    if (ask.kind === "score") return { score: Number(ask.key.split("/").at(-1)) };
    const [step] = ask.key.split("/");
    const text =
      {
        class: "No",
        equal: "Not equal",
        rate: "good",
        examples: "Example 1\nInput: 1\nOutput: 2",
        generate: Array.from(
          { length: 7 },
          (_, at) => `${at + 9}. ${apart(7 * ask.sampling.seed + at)}`,
        ).join("\n"),
        questions: JSON.stringify([
          { question: apart(ask.sampling.seed), answer: "It is.", quote: "is a sentence." },
        ]),
        rank: ask.key.endsWith("/0") ? "A > B > C > D" : "D > C > B > A",
        ...(ask.slot === "curator" ? { score: "Score: 5" } : {}),
        there: ask.key.endsWith("/0") ? "Aufgabe ⟦1⟧" : "Ja",
        user: `What of ${ask.key}?`,
      }[step] ?? apart(ask.sampling.seed);
    const logprobs = [{ token: "A", logprob: 0, top: [] }];
    const isBehind = ask.key.endsWith("/BA");
    return {
      reply: { text, finishReason: "stop", logprobs: [{ ...logprobs[0], token: isBehind ? "B" : "A" }] },
    };
  }
  /** A text unlike those of other numbers. */
  const apart = (at: number) => ["what", "of", "it"].map((word) => `${word}${at}x`).join(" and ");

  it.each([
    ["self-instruct", { requests: 1 }, 7],
    ["evol-instruct", { rounds: 2 }, 12],
    ["grounded", { questions: 1, unanswerable: 0, quote_words: 3 }, 6],
    ["personas", {}, 6],
    ["attributes", { each: 1 }, 72],
    ["magpie", {}, 32],
    ["templates", {}, 6],
    ["chat-logs", { least_letters: 1 }, 6],
    ["translation", {}, 6],
    ["translation", { answers: "anew" }, 6],
    ["distilled-answers", { samples: 2 }, 24],
    ["dialogue", { turns: 3 }, 6],
    ["constitution", { rounds: 3 }, 6],
    ["rejection-sampling", { samples: 3 }, 6],
    ["on-policy", { samples: 2 }, 6],
    ["ranking", { samples: 2 }, 6],
    ["instruction-backtranslation", { least_words: 3 }, 6],
    ["rlaif", { reasoning: true }, 6],
    ["rlcd", {}, 6],
    ["delta-learning", {}, 6],
    ["spin", {}, 6],
  ])("%s asks as often as it says beforehand, where nothing is dropped", (id, options, want) => {
    const bound = {
      ...{ writer: 1, writers: 2, teachers: 2, judge: 1, reward: 1 },
      ...{ strong: 1, weak: 1, player: 1 },
    };
    const both = { ...bound, assistant: 1, user: 1, asker: 1, curator: 1, translator: 1 };
    const golden: Golden = {
      ...{ method: id, options, bound: both, want, seed: 1, answers: {}, candidates: [] },
      inputs: { prompts, documents },
    };
    const { asks, candidates } = made(golden, well);
    expect([...new Set(candidates.map(({ dropped }) => dropped))]).toEqual([null]);
    const told = new Map<string, number>();
    for (const { slot, calls } of methodOf(id)?.open(options).calls(golden) ?? [])
      told.set(slot, (told.get(slot) ?? 0) + calls);
    const counted = new Map<string, number>();
    for (const { slot } of asks) counted.set(slot, (counted.get(slot) ?? 0) + 1);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(counted));
  });
});

describe("judges", () => {
  it.each([
    ["on-policy", { score_by: "judge", samples: 2 }],
    ["ranking", { samples: 2 }],
    ["rlaif", {}],
  ])("of %s read the whole conversation", (id, options) => {
    const said = ["Is it red?", "Yes.", "And tomorrow?"];
    const messages = said.map((content, at) => ({
      role: at === 1 ? ("assistant" as const) : ("user" as const),
      content,
    }));
    const golden: Golden = {
      ...{ method: id, options, bound: { writer: 1, writers: 1, judge: 1 }, want: 1, seed: 1 },
      ...{ inputs: { prompts: [{ id: "p", messages, response: null, fields: {} }], documents: [] } },
      ...{ answers: {}, candidates: [] },
    };
    const { asks } = made(golden, ({ key }) => ({ reply: { text: key, finishReason: "stop" } }));
    const judged = asks.flatMap((ask) => (ask.slot === "judge" && ask.kind === "write" ? ask.messages : []));
    expect(judged.length).toBeGreaterThan(0);
    for (const { content } of judged) expect(said.filter((turn) => !content.includes(turn))).toEqual([]);
  });
});

describe("JSON in a reply", () => {
  it("holds no text that cannot be stored", () => {
    const reply = String.raw`Here: [{"question": "a\u0000b \ud83d\ude00 \ud83d?"}] as you wished`;
    expect(jsonIn(reply)).toEqual([{ question: "a\ufffdb 😀 \ufffd?" }]);
  });
});

describe("Magpie", () => {
  it("asks with the template alone, whose line break may be written out", () => {
    const golden = goldens.magpie;
    const [ask] = made(golden, scripted(golden)).asks;
    expect(ask.kind === "complete" && ask.prompt).toBe("<|im_start|>user\n");
  });
});

describe("templates", () => {
  it("name the field that no row has, and what they cannot fill in", () => {
    const [{ golden }] = cases;
    const one = { name: "one", prompt: "{{ qestion }}", response: "{{ prompt }}" };
    const open = methodOf("templates")?.open({ templates: [one] });
    expect(() => open?.run(golden)).toThrow("the template one speaks of {{ qestion }}, which no row has");
    const loop = { ...one, prompt: "{% for x in y %}" };
    expect(() => methodOf("templates")?.open({ templates: [loop] })).toThrow(
      "templates.0.prompt: only {{ field }}",
    );
  });
});

describe("chat logs", () => {
  const candidates = made(goldens["chat-logs"], scripted(goldens["chat-logs"])).candidates;
  const dropped = (why: string) => candidates.filter((one) => one.dropped === why);

  it("keep not a word of whoever did not agree, is a minor or told a secret", () => {
    for (const why of [
      ...["no consent on record", "consent was not given", "the record of consent is incomplete"],
      ...["holds a secret", "somebody says they are under 18"],
    ]) {
      expect([why, dropped(why).length > 0]).toEqual([why, true]);
      for (const { prompt, responses, facts } of dropped(why))
        expect([prompt, responses, facts]).toEqual([[], [], {}]);
    }
  });

  it("say how much of each kind was replaced, with the record of consent, and nothing that was", () => {
    const kept = candidates.filter((one) => one.dropped === null);
    const told = JSON.stringify(kept);
    // The last answer's example holds the whole conversation.
    const whole = new Map(
      candidates.filter(({ prompt }) => prompt.length > 0).map((one) => [one.parents[0], one]),
    );
    const counts = [...whole.values()].flatMap(({ prompt, responses, facts }) => {
      const text = JSON.stringify([prompt, responses]);
      return ["email", "phone", "iban"].map((kind) => [
        new Set(text.match(new RegExp(`\\[${kind.toUpperCase()}_\\d+\\]`, "g"))).size,
        facts[`${kind} replaced`] ?? 0,
      ]);
    });
    expect(counts.filter(([there, said]) => there !== said)).toEqual([]);
    expect(counts.filter(([there]) => Number(there) > 1).length).toBeGreaterThan(3);
    expect(kept[0].facts).toMatchObject({ consent: "TRUE", consent_date: "2026-01-02" });
    expect(told).not.toMatch(/@example|DE89|\+49/);
  });
});

describe("Self-Instruct", () => {
  const golden = goldens["self-instruct"];
  const { asks, candidates } = made(golden, scripted(golden));

  it("shows eight instructions, two of them machine-made once there are any, and not every time the same", () => {
    const requests = asks.filter(({ key }) => key.startsWith("generate/"));
    const shown = requests.map(({ key }) => candidates.find(({ asks: [ask] }) => ask === key)?.parents ?? []);
    for (const parents of shown.filter(({ length }) => length > 0)) expect(parents).toHaveLength(8);
    expect(shown.at(0)?.filter((id) => id.startsWith("~"))).toEqual([]);
    expect(shown.at(-1)?.filter((id) => id.startsWith("~"))).toHaveLength(2);
    const texts = requests.map((ask) => (ask.kind === "write" ? ask.messages[0].content : ""));
    // A seed's colon would ask for something to follow.
    expect(texts[0]).toMatch(/\n8\. .*name one exception\n\nCarry the list on .* from 9 to 15\./);
  });
});

describe("going through prompts", () => {
  it("asks in batches, and no more once so many candidates were accepted", () => {
    const prompts = Array.from({ length: 300 }, (_, at) => ({
      ...{ id: `p${at}`, messages: [{ role: "user" as const, content: `Task ${at}` }], response: null },
      fields: {},
    }));
    const golden: Golden = {
      ...{ method: "delta-learning", options: {}, bound: { strong: 1, weak: 1 }, want: 100, seed: 1 },
      ...{ inputs: { prompts, documents: [] }, answers: {}, candidates: [] },
    };
    const told = ({ key }: Ask): Answer => ({ reply: { text: key, finishReason: "stop" } });
    const { asks, candidates } = made(golden, told);
    expect([asks.length, candidates.length]).toEqual([256, 128]);
    expect(made({ ...golden, want: 1000 }, told).candidates).toHaveLength(300);
    expect(methodOf("delta-learning")?.open({}).calls(golden)).toEqual([
      { slot: "strong", calls: 100, maxTokens: 1024 },
      { slot: "weak", calls: 100, maxTokens: 1024 },
    ]);
  });
});
