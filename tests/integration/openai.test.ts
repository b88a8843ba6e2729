import { setMaxListeners } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { asc, eq } from "drizzle-orm";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import {
  annotation,
  membership,
  model,
  modelCall,
  modelCallPiece,
  rater,
  response,
  task,
  taskSeen,
  vote,
} from "@/db/schema";
import { limits } from "@/server/limits";
import { callerOf } from "@/server/root";
import { createToken } from "@/server/token/person";
import { TextInference } from "@/workers/engine/infer/text-inference";
import { testDatabase } from "./database";
import { eventually } from "./eventually";
import { newModel, TINY } from "./new-model";
import { openAiSite } from "./openai-site";
import { type Member, newKey, prefer, study } from "./study";

const { folder } = await vi.hoisted(async () => {
  const { mkdtemp } = await import("node:fs/promises");
  const folder = await mkdtemp("/tmp/concord-openai-");
  process.env.AUTH_SECRET = "a secret that only this test file knows";
  process.env.CONCORD_DATA = join(folder, "data");
  process.env.CONCORD_MODELS = folder;
  return { folder };
  function join(...parts: string[]) {
    return parts.join("/");
  }
});

const database = await testDatabase();
const { db } = database;
process.env.DATABASE_URL = database.url;

const directory = join(folder, "tiny");
const site = await openAiSite(database);
afterAll(async () => {
  await site.close();
  await rm(folder, { recursive: true, force: true });
});

const texts = "the cat sat on the mat and the dog sat on the cat, naïve 漢字 😀\n".repeat(20);
const make = (name: string, shape: string) =>
  newModel(join(folder, name), texts, `${shape} --vocab-size 300`);

const here = await study(database, { tasks: 0, name: "Cats" });
const { projectId, manager } = here;
const elsewhere = await study(database, { tasks: 0, name: "Dogs" });
const reviewer = await here.join("reviewer");

const register = async (of: string, name: string, method: "base" | "reward" = "base", path = directory) => {
  const source = { kind: "folder" as const, path };
  const values = { projectId: of, name, method, format: "full" as const, source };
  const [{ id }] = await db.insert(model).values(values).returning({ id: model.id });
  return id;
};
let modelId: string;
let slowId: string;
let foreignId: string;
let client: OpenAI;

async function clientOf({ viewer }: Member): Promise<OpenAI> {
  const { personId } = viewer;
  const { token } = await createToken(db, viewer, { personId, name: "openai", days: 1 });
  return new OpenAI({ apiKey: token, baseURL: site.address, maxRetries: 0 });
}

beforeAll(async () => {
  await make("tiny", `${TINY} --max-position-embeddings 256`);
  // Not done with an answer before its client is gone, however late the client hears of its beginning.
  const large = "--hidden-size 256 --intermediate-size 512 --num-hidden-layers 8";
  await make("slow", `${large} --max-position-embeddings 2048`);
  modelId = await register(projectId, "tiny");
  foreignId = await register(elsewhere.projectId, "tiny");
  await register(projectId, "judge", "reward");
  slowId = await register(projectId, "slow", "base", join(folder, "slow"));
  client = await clientOf(reviewer);
}, 120_000);

const NAME = "Cats/tiny";
const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "the cat?" }];
const greedy = { model: NAME, messages, temperature: 0, max_tokens: 12 };
const endless = { model: "Cats/slow", messages, max_tokens: 2_000, n: 16, temperature: 2 };

const calls = () => db.select().from(modelCall).orderBy(asc(modelCall.createdAt));

describe("models", () => {
  test("are those of the projects in which one reviews, by name or id", async () => {
    const { data } = await client.models.list();
    expect(data.map(({ id }) => id).toSorted()).toEqual(["Cats/judge", "Cats/slow", "Cats/tiny"]);
    expect(await client.models.retrieve(NAME)).toMatchObject({ id: NAME, object: "model", owned_by: "Cats" });
    expect(await client.models.retrieve(modelId)).toMatchObject({ id: NAME });
    for (const id of ["Dogs/tiny", foreignId, "Cats/none"])
      await expect(client.models.retrieve(id)).rejects.toMatchObject({
        status: 404,
        code: "model_not_found",
      });
    await expect(client.chat.completions.create({ ...greedy, model: foreignId })).rejects.toMatchObject({
      status: 404,
    });
    expect(await calls()).toEqual([]);
  });

  test("are for reviewers and managers with a token", async () => {
    const annotator = await clientOf(await here.join("annotator"));
    expect((await annotator.models.list()).data).toEqual([]);
    await expect(annotator.chat.completions.create(greedy)).rejects.toMatchObject({ status: 404 });
    const stranger = new OpenAI({ apiKey: "concord_nothing", baseURL: site.address, maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toMatchObject({ status: 401, code: "invalid_api_key" });
  });
});

describe("chat completions", () => {
  test("are the model's own, whole and streamed, with usage and log-probabilities", async () => {
    const engine = new TextInference({ model: directory });
    const asked = { kind: "generate" as const, rows: [{ prompt: [{ role: "user", content: "the cat?" }] }] };
    const options = { max_new_tokens: 12, do_sample: false, temperature: 1, top_k: 0, top_p: 1 };
    const more = { num_return_sequences: 1, stop_strings: [], seed: 1, batch_size: 1 };
    let completion = "";
    let logp = 0;
    for await (const answer of engine.answer({ ...asked, options: { ...options, ...more } }))
      if (answer.kind === "generated") ({ completion, logp } = answer);
    await engine.close();

    const whole = await client.chat.completions.create({ ...greedy, logprobs: true, top_logprobs: 3 });
    const [choice] = whole.choices;
    expect(choice).toMatchObject({ index: 0, message: { role: "assistant", content: completion } });
    expect(choice.finish_reason).toBe("length");
    expect(whole.usage?.completion_tokens).toBe(12);
    expect(whole.usage?.total_tokens).toBe((whole.usage?.prompt_tokens ?? 0) + 12);
    const content = choice.logprobs?.content ?? [];
    expect(content).toHaveLength(12);
    expect(content.reduce((sum, { logprob }) => sum + logprob, 0)).toBeCloseTo(logp, 4);
    expect(
      content.every(
        ({ token, top_logprobs }) => top_logprobs.length === 3 && top_logprobs[0].token === token,
      ),
    ).toBe(true);
    expect(Buffer.concat(content.map(({ bytes }) => Uint8Array.from(bytes ?? []))).toString()).toBe(
      completion,
    );

    const stream = await client.chat.completions.create({
      ...greedy,
      logprobs: true,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let tokens = 0;
    let finish: string | null = null;
    let usage: unknown = null;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      tokens += chunk.choices[0]?.logprobs?.content?.length ?? 0;
      finish = chunk.choices[0]?.finish_reason ?? finish;
      usage = chunk.usage ?? usage;
    }
    expect({ text, tokens, finish, usage }).toEqual({
      text: completion,
      tokens: 12,
      finish: "length",
      usage: whole.usage,
    });

    // What was said is forgotten; how much it was, and by whom, is kept.
    await eventually(async () => expect(await db.$count(modelCallPiece)).toBe(0));
    const kept = await calls();
    expect(kept).toHaveLength(2);
    for (const call of kept)
      expect(call).toMatchObject({
        ...{ projectId, modelId, personId: reviewer.viewer.personId, status: "done", request: null },
        ...{ inputTokens: whole.usage?.prompt_tokens, outputTokens: 12, tokenId: expect.any(String) },
      });
  });

  test("keep to a JSON schema, whole and streamed", async () => {
    const text = { type: "string", maxLength: 8 } as const;
    const properties = {
      why: text,
      // A database's JSON would have the shorter key first.
      a: {
        anyOf: [{ type: "null" }, { type: "array", items: { type: "integer", minimum: 1 }, maxItems: 2 }],
      },
      verdict: { enum: ["A", "B", "tie"] },
    };
    const schema = { type: "object", properties, required: Object.keys(properties) };
    const json_schema = { name: "verdict", strict: true, schema };
    const asked = {
      ...{ model: NAME, messages, temperature: 1.5, max_tokens: 150, n: 4, seed: 11 },
      response_format: { type: "json_schema" as const, json_schema },
    };
    const whole = await client.chat.completions.parse(asked);
    const shape = z.strictObject({
      why: z.string(),
      a: z.array(z.int().min(1)).max(2).nullable(),
      verdict: z.enum(["A", "B", "tie"]),
    });
    const said = whole.choices.map(({ message, finish_reason }) => {
      expect(finish_reason).toBe("stop");
      const parsed = shape.parse(JSON.parse(message.content ?? ""));
      expect(Object.keys(parsed)).toEqual(Object.keys(properties));
      return message.content;
    });
    expect(new Set(said).size).toBe(4);
    const streamed = said.map(() => "");
    for await (const { choices } of await client.chat.completions.create({ ...asked, stream: true }))
      for (const { index, delta } of choices) streamed[index] += delta.content ?? "";
    expect(streamed).toEqual(said);

    const response_format = { type: "json_object" as const };
    const any = await client.chat.completions.create({ ...asked, response_format, n: 1 });
    expect(any.choices[0].message.content?.trimStart()[0]).toBe("{");
    // Too few tokens for all of it.
    const cut = await client.chat.completions.create({ ...asked, max_tokens: 2, n: 1 });
    expect(cut.choices[0].finish_reason).toBe("length");
  });

  test("stop at a text, come n at a time and again by their seed", async () => {
    const { choices } = await client.chat.completions.create(greedy);
    const said = choices[0].message.content ?? "";
    const stop = said.slice(4, 7);
    const stopped = await client.chat.completions.create({ ...greedy, stop });
    expect(stopped.choices[0]).toMatchObject({
      message: { content: said.slice(0, said.indexOf(stop)) },
      finish_reason: "stop",
    });
    const drawn = async (seed?: number) => {
      const { choices } = await client.chat.completions.create({
        model: NAME,
        messages,
        n: 3,
        max_tokens: 8,
        seed,
      });
      expect(choices.map(({ index }) => index)).toEqual([0, 1, 2]);
      return choices.map(({ message }) => message.content);
    };
    const first = await drawn(7);
    expect(await drawn(7)).toEqual(first);
    expect(await drawn()).not.toEqual(await drawn());
    expect(new Set(first).size).toBe(3);
  });

  test("what would be another answer than asked for is refused, by the name of its field", async () => {
    const refused = async (more: object, param: string | null) => {
      const failed: unknown = await client.chat.completions
        .create({ ...greedy, ...more })
        .catch((error: unknown) => error);
      expect(failed).toMatchObject({ status: 400, type: "invalid_request_error", param });
    };
    await refused(
      { response_format: { type: "json_schema", json_schema: { name: "x" } } },
      "response_format.json_schema.schema",
    );
    await refused({ response_format: { type: "grammar" } }, "response_format.type");
    const held = (schema: object) => ({ type: "json_schema", json_schema: { name: "x", schema } });
    await refused({ response_format: held({ type: "string", pattern: "x" }) }, null);
    await refused({ tools: [{ type: "function", function: { name: "f" } }] }, "tools");
    await refused({ frequency_penalty: 1 }, "frequency_penalty");
    await refused({ mirostat: 2 }, "mirostat");
    await refused(
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "x" } }] }] },
      "messages.0.content",
    );
    await refused({ messages: [{ role: "user", content: "the cat ".repeat(300) }] }, null);
    await refused({ model: "Cats/judge" }, null);
    // What says nothing of the answer, and null for what is left out, is taken.
    const { choices } = await client.chat.completions.create({
      ...greedy,
      user: "me",
      presence_penalty: 0,
      stop: null,
    });
    expect(choices).toHaveLength(1);
    // Told before the stream begins, with its status.
    const long = { ...greedy, messages: [{ role: "user" as const, content: "the cat ".repeat(300) }] };
    await expect(client.chat.completions.create({ ...long, stream: true })).rejects.toMatchObject({
      status: 400,
    });
  });

  test("a client that leaves stops the model, and the next one is answered by it", async () => {
    // The lines of earlier calls may still be on their way: this one is found by how it ended.
    const left = async () => (await calls()).filter(({ status }) => status === "cancelled");
    // Between two pieces, or while one waits to be read: the first is asked of the site, the second of what it calls.
    const gone = new AbortController();
    const { serving } = callerOf({ ...database, viewer: reviewer.viewer }, { signal: gone.signal });
    const { callId } = await serving.start({
      ...{ projectId, modelId: slowId },
      request: {
        ...{
          kind: "write",
          prompts: [[{ role: "user", content: "the cat?" }]],
          samples: 16,
          maxTokens: 2_000,
        },
        ...{ temperature: 2, topP: 1, seed: 1, stop: [], logprobs: null, echo: false },
      },
    });
    const pieces = (await serving.follow({ projectId, callId }))[Symbol.asyncIterator]();
    await pieces.next();
    gone.abort();
    await eventually(async () => expect(await left()).toHaveLength(1));
    await db.delete(modelCall).where(eq(modelCall.id, callId));

    const stream = await client.chat.completions.create({ ...endless, stream: true });
    for await (const { choices } of stream) if (choices[0].delta.content) break;
    await eventually(async () => expect(await left()).toMatchObject([{ request: null }]));
    expect((await client.chat.completions.create(greedy)).choices).toHaveLength(1);
    await eventually(async () => expect((await left())[0].outputTokens).toBeGreaterThan(0));
    expect((await left())[0].outputTokens).toBeLessThan(endless.max_tokens * endless.n);
  });
});

describe("completions", () => {
  test("tell the log-probabilities of what they are given, as lm-eval's local-completions asks for them", async () => {
    const engine = new TextInference({ model: directory });
    const texts = ["the cat sat", "naïve 漢字 😀 the dog"];
    const expected: { ids: number[]; logps: number[] }[] = [];
    for await (const answer of engine.answer({ kind: "logprobs", rows: [{ responses: texts }] }))
      if (answer.kind === "measured") expected.push(...answer.responses);
    await engine.close();

    const asked = { model: NAME, temperature: 0, logprobs: 1, echo: true };
    const { choices, usage } = await client.completions.create({ ...asked, prompt: texts, max_tokens: 1 });
    let read = 0;
    for (const [index, { text, logprobs }] of choices.entries()) {
      // The engine closes a text that it measures; what it expects then is not asked for here.
      const count = expected[index].ids.length - 1;
      const told = logprobs?.token_logprobs ?? [];
      expect(text.startsWith(texts[index])).toBe(true);
      expect(told).toHaveLength(count + 1);
      expect(told[0]).toBeNull();
      for (let place = 1; place < count; place++)
        expect(told[place]).toBeCloseTo(expected[index].logps[place - 1], 5);
      // The likeliest, and the token itself where it is another.
      for (const [place, top] of (logprobs?.top_logprobs ?? []).slice(1).entries()) {
        const own = told[place + 1];
        expect(Math.max(...Object.values(top))).toBeGreaterThanOrEqual(own);
        expect(top[logprobs?.tokens?.[place + 1] ?? ""]).toBeCloseTo(own, 10);
      }
      read += count;
    }
    expect(usage).toEqual({ prompt_tokens: read, completion_tokens: 2, total_tokens: read + 2 });
    const offsets = choices[0].logprobs?.text_offset ?? [];
    expect(
      offsets.map((start, place) => [...choices[0].text].slice(start, offsets[place + 1]).join("")),
    ).toEqual(choices[0].logprobs?.tokens);

    const ids = expected[0].ids.slice(0, -1);
    const byIds = await client.completions.create({ ...asked, prompt: [ids], max_tokens: 0 });
    expect(byIds.choices[0]).toMatchObject({ text: texts[0], finish_reason: "length" });
    expect(byIds.choices[0].logprobs?.token_logprobs).toEqual(
      choices[0].logprobs?.token_logprobs?.slice(0, ids.length),
    );
    await expect(client.completions.create({ ...asked, prompt: [[100_000]] })).rejects.toMatchObject({
      status: 400,
    });
  });
});

test("embeddings have length 1 and are the same in both encodings", async () => {
  const input = ["the cat", "the cat", "a dog sat"];
  const asked = { model: NAME, input };
  const plain = await client.embeddings.create({ ...asked, encoding_format: "float" });
  const packed = await client.embeddings.create(asked);
  const [cat, same, dog] = plain.data.map(({ embedding }) => embedding);
  expect(Math.hypot(...cat)).toBeCloseTo(1, 6);
  expect(same).toEqual(cat);
  expect(dog).not.toEqual(cat);
  expect(plain.data.map(({ index }) => index)).toEqual([0, 1, 2]);
  for (const [index, { embedding }] of packed.data.entries())
    for (const [place, value] of embedding.entries())
      expect(value).toBeCloseTo(plain.data[index].embedding[place], 6);
  expect(plain.usage.prompt_tokens).toBeGreaterThan(5);
});

describe("a conversation with two speakers", () => {
  type Asked = Parameters<typeof reviewer.caller.chat.ask>[0];
  const ask = async (more: Partial<Asked> = {}, who = reviewer) => {
    const question = [{ role: "user" as const, content: `the cat? ${newKey()}` }];
    const asked = {
      ...{ projectId, modelIds: [modelId, slowId], conversations: [question, question], after: null },
      ...{ named: false, maxTokens: 8, temperature: 1, seed: 3, ...more },
    };
    const begun = await who.caller.chat.ask(asked);
    const read = async (callId: string) => {
      let text = "";
      for await (const piece of await who.caller.serving.follow({ projectId, callId }))
        if (piece.kind === "text") text += piece.text;
      return text;
    };
    const replies = await Promise.all(begun.callIds.map(read));
    return { ...begun, projectId, messages: asked.conversations[0], replies, answers: prefer("b", 2) };
  };
  const kept = async (annotationId: string) => {
    const [judged] = await db.select().from(annotation).where(eq(annotation.id, annotationId));
    const of = await db
      .select({ id: response.id, content: response.content, source: response.source })
      .from(response)
      .innerJoin(task, eq(task.promptId, response.promptId))
      .where(eq(task.id, judged.taskId));
    const [cast] = await db.select().from(vote).where(eq(vote.annotationId, annotationId));
    const [at] = await db.select().from(task).where(eq(task.id, judged.taskId));
    const reply = (id: string) => of.find((one) => one.id === id);
    return { judged, cast, reply, shown: judged.order.map((index) => reply(at.responseIds[index])) };
  };

  test("is drawn blind, and the better reply becomes a vote with both sources and the order", async () => {
    const asked = await ask();
    const looked = [1, 0.5].map((share) => ({ share, ms: 800 }));
    const inView = { prompt: { share: 1, ms: 900 }, responses: looked };
    const { annotationId, blind } = await reviewer.caller.chat.judge({ ...asked, inView, visibleMs: 1000 });
    expect(blind).toBe(true);
    const names = await reviewer.caller.chat.names({ projectId, turnId: asked.turnId });
    const { judged, cast, reply, shown } = await kept(annotationId);
    expect(judged).toMatchObject({ origin: "chat", excludedAt: null, apart: false });
    expect(shown.map((one) => one?.content)).toEqual(asked.replies);
    expect(judged.visibleMs).toBe(1000);
    expect(judged.order.map((index) => judged.inView?.responses[index])).toEqual(looked);
    const ids: Record<string, string> = { tiny: modelId, slow: slowId };
    expect(names.toSorted()).toEqual(["slow", "tiny"]);
    expect(shown.map((one) => one?.source)).toEqual(names.map((name) => `${name} (${ids[name].slice(-6)})`));
    const winner = cast.outcome === "a" ? cast.responseA : cast.responseB;
    expect(reply(winner)?.content).toBe(asked.replies[1]);
    expect(cast.aShownFirst).toBe(reply(cast.responseA)?.content === asked.replies[0]);
    expect(cast.strength).toBeCloseTo(2 / 3, 10);
    await expect(reviewer.caller.chat.judge(asked)).rejects.toThrow("judged these replies already");
    // The names came after the judgement, and nothing is judged anew with them known.
    expect(await db.$count(taskSeen, eq(taskSeen.taskId, judged.taskId))).toBe(1);
  });

  test("draws each turn anew, and keeps the places of speakers who have conversations of their own", async () => {
    const orders = new Set<string>();
    for (let n = 0; n < 30 && orders.size < 2; n++) {
      const { turnId } = await ask({ maxTokens: 1 });
      orders.add((await reviewer.caller.chat.names({ projectId, turnId })).join());
      if (orders.size < 2) continue;
      const one = [{ role: "user" as const, content: "cat" }];
      for (let again = 0; again < 4; again++) {
        const conversations = [one, [...one, { role: "user" as const, content: "dog" }]];
        const apart = await ask({ maxTokens: 1, after: turnId, conversations });
        const names = await reviewer.caller.chat.names({ projectId, turnId: apart.turnId });
        expect(names).toEqual(await reviewer.caller.chat.names({ projectId, turnId }));
        await expect(reviewer.caller.chat.judge({ ...apart, replies: ["one", "two"] })).rejects.toThrow(
          "do not answer this conversation",
        );
      }
    }
    expect(orders.size).toBe(2);
  });

  test("with the names known is kept and left out; one model that is asked twice is blind all the same", async () => {
    const asked = await ask();
    await reviewer.caller.chat.names({ projectId, turnId: asked.turnId });
    const open = await reviewer.caller.chat.judge(asked);
    expect(open.blind).toBe(false);
    const { judged, cast } = await kept(open.annotationId);
    expect(judged.excludedReason).toContain("Not blind");
    expect(cast).toBeUndefined();
    const twice = await ask({ modelIds: [modelId, modelId], named: true });
    expect(twice.replies[0]).not.toBe(twice.replies[1]);
    const drawn = await reviewer.caller.chat.judge(twice);
    expect(drawn.blind).toBe(true);
    expect((await kept(drawn.annotationId)).cast.outcome).toMatch(/a|b/);
  });

  test("is not blind where the names were shown before beside the same replies, here or on a page", async () => {
    const question = [{ role: "user" as const, content: `the dog? ${newKey()}` }];
    const same = { conversations: [question, question] };
    const first = await ask(same);
    await reviewer.caller.chat.names({ projectId, turnId: first.turnId });
    const again = await ask(same);
    expect(again.replies.toSorted()).toEqual(first.replies.toSorted());
    expect((await reviewer.caller.chat.judge(again)).blind).toBe(false);

    // To somebody else they are new, until the prompt's page has said whose they are.
    const other = await here.join("reviewer");
    const fresh = await other.caller.chat.judge({ ...(await ask(same, other)), answers: prefer("a", 2) });
    expect(fresh.blind).toBe(true);
    const reader = await here.join("reviewer");
    const { judged } = await kept(fresh.annotationId);
    const [{ promptId }] = await db.select().from(task).where(eq(task.id, judged.taskId));
    await reader.caller.content.prompt({ projectId, promptId });
    expect((await reader.caller.chat.judge(await ask(same, reader))).blind).toBe(false);
  });

  test("keeps the replies in an order of which the screen says nothing", async () => {
    const firsts = new Set<boolean | null>();
    for (let n = 0; n < 20 && firsts.size < 2; n++) {
      const { annotationId } = await reviewer.caller.chat.judge(await ask());
      firsts.add((await kept(annotationId)).cast.aShownFirst);
    }
    expect(firsts.size).toBe(2);
  });

  test("takes no words that the models did not say, no turn of others, and nobody who may not judge", async () => {
    const asked = await ask();
    const before = await db.$count(annotation);
    const judge = (given: object, who = reviewer) => who.caller.chat.judge({ ...asked, ...given });
    const [one, other] = asked.replies;
    await expect(judge({ replies: [`${one}!`, other] })).rejects.toThrow("not as the models gave them");
    await expect(judge({ replies: [other, one] })).rejects.toThrow("not as the models gave them");
    await expect(judge({ replies: [one, one] })).rejects.toThrow("same");
    await expect(judge({ messages: [{ role: "user", content: "another" }] })).rejects.toThrow("conversation");
    await expect(judge({ answers: {} })).rejects.toThrow("required");
    await expect(judge({}, await here.join("reviewer"))).rejects.toThrow("not found");
    await db
      .update(rater)
      .set({ consentWithdrawnAt: new Date() })
      .where(eq(rater.personId, reviewer.viewer.personId));
    await expect(judge({})).rejects.toThrow("consent");
    await db
      .update(rater)
      .set({ consentWithdrawnAt: null })
      .where(eq(rater.personId, reviewer.viewer.personId));
    expect(await db.$count(annotation)).toBe(before);
    expect((await judge({})).blind).toBe(true);
  });
});

test("an address that encodes nothing is refused as such", async () => {
  for (const path of ["", "models/", "chat/completions/"]) {
    const headers = { authorization: `Bearer ${client.apiKey}` };
    const answer = await fetch(`${site.address}/${path}%E0%A4%A`, { headers });
    expect(answer.status, path).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { type: "invalid_request_error" } });
  }
});

describe("many at once", () => {
  test("those above the limit are told when to ask again, and nothing computes for who has left", async () => {
    await site.pause();
    const gone = new AbortController();
    setMaxListeners(0, gone.signal);
    const waiting = Array.from({ length: limits.callsOfPerson }, () =>
      client.chat.completions.create(greedy, { signal: gone.signal }).catch((error: Error) => error.name),
    );
    await eventually(async () =>
      expect(await db.$count(modelCall, eq(modelCall.status, "queued"))).toBe(limits.callsOfPerson),
    );
    const refused: unknown = await client.chat.completions.create(greedy).catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
    if (!(refused instanceof OpenAI.APIError)) throw new Error("another error");
    expect(Number(refused.headers?.get("retry-after"))).toBeGreaterThan(0);
    gone.abort();
    await Promise.all(waiting);
    await eventually(async () => expect(await db.$count(modelCall, eq(modelCall.status, "queued"))).toBe(0));
    site.resume();
    expect((await client.chat.completions.create(greedy)).choices).toHaveLength(1);
  });

  test("of twenty sent in the same moment no more are let in than may wait", async () => {
    await site.pause();
    const { caller, viewer } = await here.join("reviewer");
    const { personId } = viewer;
    const request = { kind: "embed" as const, texts: ["the cat"] };
    const wantedUntil = new Date(Date.now() + 600_000);
    const before = Array.from({ length: limits.callsOfPerson - 5 }, () => ({
      ...{ projectId, modelId, request, personId, wantedUntil },
    }));
    await db.insert(modelCall).values(before);
    const asked = Array.from({ length: 20 }, () => caller.serving.start({ projectId, modelId, request }));
    const settled = await Promise.allSettled(asked);
    await db.delete(modelCall).where(eq(modelCall.personId, personId));
    site.resume();
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
  });

  test("a right that is lost in the middle of an answer ends it", async () => {
    const stream = await client.chat.completions.create({ ...endless, stream: true });
    const read = async () => {
      for await (const _ of stream)
        await db.delete(membership).where(eq(membership.personId, reviewer.viewer.personId));
    };
    await expect(read()).rejects.toThrow(/not found/);
    expect(manager.viewer.isAdmin).toBe(true);
  });
});
