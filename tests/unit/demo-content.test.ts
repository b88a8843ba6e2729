import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { messageSchema } from "@/db/shape/content";
import { languageSchema } from "@/server/content/schema";
import { curriculum } from "@/server/demo/curriculum";
import { type DemoTask, demoRaters, judge } from "@/server/demo/raters";
import { answerSchema } from "@/server/form/schema";

const folder = join(import.meta.dirname, "../../server/demo/content");

const demoPromptSchema = z.strictObject({
  id: z.string().regex(/^[a-z]+-\d{3}$/),
  language: languageSchema,
  domain: z.string().min(1),
  messages: z.array(messageSchema.strict()).min(1),
  responses: z
    .array(
      z.strictObject({
        source: z.string().min(1),
        content: z.string().trim().min(1),
        quality: z.number().int().min(1).max(5),
      }),
    )
    .min(2)
    .max(4),
  note: z.string().min(1),
});
type DemoPrompt = z.infer<typeof demoPromptSchema>;

const prompts = readdirSync(folder)
  .filter((name) => name.endsWith(".jsonl"))
  .flatMap((name) =>
    readFileSync(join(folder, name), "utf8")
      .trimEnd()
      .split("\n")
      .map((line, index): DemoPrompt => {
        const parsed = demoPromptSchema.safeParse(JSON.parse(line));
        if (!parsed.success) throw new Error(`${name} line ${index + 1}: ${z.prettifyError(parsed.error)}`);
        return parsed.data;
      }),
  );

const pairs = prompts.flatMap(({ responses }) =>
  responses.flatMap((first, i) => responses.slice(i + 1).map((second) => ({ first, second }))),
);
const unequal = pairs.filter(({ first, second }) => first.quality !== second.quality);
const share = <T>(items: readonly T[], holds: (item: T) => boolean) =>
  items.filter(holds).length / items.length;

describe("demo content", () => {
  it("has about 150 prompts in many languages, scripts, domains and shapes", () => {
    expect(prompts.length).toBeGreaterThanOrEqual(150);
    expect(new Set(prompts.map(({ id }) => id)).size).toBe(prompts.length);
    const languages = new Set(prompts.map(({ language }) => language));
    expect(languages.size).toBeGreaterThanOrEqual(6);
    expect([...languages]).toEqual(expect.arrayContaining(["en", "ar", "ja", "zh", "hi"]));
    expect(share(prompts, ({ language }) => language === "en")).toBeGreaterThan(0.5);
    expect(new Set(prompts.map(({ domain }) => domain)).size).toBeGreaterThanOrEqual(15);

    const multiTurn = prompts.filter(
      ({ messages }) => messages.filter(({ role }) => role !== "system").length >= 3,
    );
    expect(multiTurn.length).toBeGreaterThanOrEqual(12);
    expect(prompts.filter(({ messages }) => messages[0].role === "system").length).toBeGreaterThanOrEqual(5);
    for (const k of [2, 3, 4])
      expect(prompts.filter(({ responses }) => responses.length === k).length).toBeGreaterThanOrEqual(8);
  });

  it("writes each language in its own script", () => {
    const scripts = { ar: /\p{Script=Arabic}/u, hi: /\p{Script=Devanagari}/u, ja: /\p{Script=Hiragana}/u };
    for (const [language, script] of Object.entries({
      ...scripts,
      ko: /\p{Script=Hangul}/u,
      ru: /\p{Script=Cyrillic}/u,
      zh: /\p{Script=Han}/u,
    }))
      for (const prompt of prompts.filter((candidate) => candidate.language === language))
        expect(prompt.messages.at(-1)?.content, prompt.id).toMatch(script);
  });

  it("exercises everything that the desk renders", () => {
    const texts = prompts.flatMap(({ responses }) => responses.map(({ content }) => content));
    const count = (pattern: RegExp) => texts.filter((text) => pattern.test(text)).length;
    expect(count(/^\|.*\|$/m), "tables").toBeGreaterThanOrEqual(15);
    expect(count(/^(- |\d+\. )/m), "lists").toBeGreaterThanOrEqual(50);
    expect(count(/\[[^\]]+\]\(https:/), "links").toBeGreaterThanOrEqual(2);
    expect(count(/\$\$[^$]+\$\$/), "display math").toBeGreaterThanOrEqual(15);
    expect(count(/(^|[^$])\$[^$\n]+\$([^$]|$)/), "inline math").toBeGreaterThanOrEqual(40);
    const fenced = texts.flatMap((text) => [...text.matchAll(/^```(\w+)/gm)].map(([, name]) => name));
    expect(new Set(fenced).size, "code languages").toBeGreaterThanOrEqual(8);
    for (const text of texts) expect((text.match(/^```/gm) ?? []).length % 2, text).toBe(0);
    expect(texts.filter((text) => text.split(/\s+/).length >= 300).length).toBeGreaterThanOrEqual(4);
  });

  it("spreads quality, and neither length, order nor source gives it away", () => {
    for (const { id, responses } of prompts)
      expect(new Set(responses.map(({ content }) => content)).size, id).toBe(responses.length);
    for (const quality of [1, 2, 3, 4, 5])
      expect(share(prompts, ({ responses }) => responses.some((r) => r.quality === quality))).toBeGreaterThan(
        0.15,
      );
    expect(
      share(prompts, ({ responses }) => new Set(responses.map((r) => r.quality)).size > 1),
    ).toBeGreaterThan(0.9);

    const longerIsBetter = share(
      unequal,
      ({ first, second }) => first.quality > second.quality === first.content.length > second.content.length,
    );
    expect(longerIsBetter).toBeGreaterThan(0.5);
    expect(longerIsBetter).toBeLessThan(0.62);
    const firstIsBetter = share(unequal, ({ first, second }) => first.quality > second.quality);
    expect(Math.abs(firstIsBetter - 0.5)).toBeLessThan(0.08);

    const all = prompts.flatMap(({ responses }) => responses);
    const mean = (source: string) => {
      const own = all.filter((response) => response.source === source);
      return own.reduce((sum, { quality }) => sum + quality, 0) / own.length;
    };
    const betterSourceWins = share(
      unequal,
      ({ first, second }) => first.quality > second.quality === mean(first.source) > mean(second.source),
    );
    expect(betterSourceWins).toBeGreaterThan(0.6);
    expect(betterSourceWins).toBeLessThan(0.9);
  });
});

describe("demo raters", () => {
  const tasks = prompts.flatMap(({ id, domain, note, responses }): DemoTask[] => [
    { id, domain, note, responses },
    { id: `${id}/pair`, domain, note: null, responses: responses.slice(0, 2) },
  ]);

  it("answer in the shape of the platform's form, the same every time", () => {
    for (const rater of demoRaters)
      for (const task of tasks) {
        const { comparison, rationale, seconds } = judge(rater, task);
        expect(answerSchema.parse(comparison)).toEqual(comparison);
        expect(answerSchema.parse(rationale)).toEqual(rationale);
        expect(comparison.type).toBe(task.responses.length === 2 ? "preference" : "ranking");
        if (comparison.type === "ranking") expect(Math.min(...comparison.ranks)).toBe(1);
        expect(seconds).toBeGreaterThan(0);
        expect(judge(rater, task).comparison).toEqual(comparison);
      }
  });

  it("agree mostly with the author, the careful ones more than the hasty one", () => {
    const accuracy = (rater: (typeof demoRaters)[number]) => {
      const decided = tasks.flatMap((task) => {
        const [a, b] = task.responses;
        const { comparison } = judge(rater, task);
        if (comparison.type !== "preference" || a.quality === b.quality) return [];
        return comparison.outcome === "a" || comparison.outcome === "b"
          ? [(comparison.outcome === "a") === a.quality > b.quality]
          : [];
      });
      return share(decided, (right) => right);
    };
    const [quill, , , , hastings] = demoRaters;
    expect(accuracy(quill)).toBeGreaterThan(0.95);
    expect(accuracy(hastings)).toBeGreaterThan(0.65);
    expect(accuracy(hastings)).toBeLessThan(0.9);
  });

  it("lean slightly to the response shown first and to the longer one", () => {
    const hastings = demoRaters[4];
    const outcomes = Array.from({ length: 4000 }, (_, i) => {
      const long = { content: `long ${i} `.repeat(2), quality: 3 };
      const short = { content: `brief${i} `, quality: 3 };
      const responses = i % 2 === 0 ? [long, short] : [short, long];
      const { comparison } = judge(hastings, { id: `t${i}`, domain: "travel", note: null, responses });
      const outcome = comparison.type === "preference" ? comparison.outcome : "tie";
      return { outcome, longer: i % 2 === 0 ? "a" : "b" };
    }).filter(({ outcome }) => outcome === "a" || outcome === "b");
    const first = share(outcomes, ({ outcome }) => outcome === "a");
    expect(first).toBeGreaterThan(0.53);
    expect(first).toBeLessThan(0.65);
    const longer = share(outcomes, ({ outcome, longer }) => outcome === longer);
    expect(longer).toBeGreaterThan(0.52);
    expect(longer).toBeLessThan(0.65);
  });
});

describe("curriculum", () => {
  const lessons = curriculum();

  it("is deterministic, without doubles, from a small vocabulary", () => {
    expect(lessons).toHaveLength(1500);
    expect(curriculum()).toEqual(lessons);
    expect(curriculum(1500, 2)).not.toEqual(lessons);
    expect(new Set(lessons.map(({ id }) => id)).size).toBe(1500);
    for (const { chosen, rejected } of lessons) expect(chosen).not.toBe(rejected);
    const words = lessons.flatMap(({ messages, chosen, rejected }) =>
      [...messages.map(({ content }) => content), chosen, rejected]
        .join(" ")
        .toLowerCase()
        .match(/[a-z]+/g),
    );
    expect(new Set(words).size).toBeLessThan(300);
    expect(new Set(lessons.map(({ messages }) => JSON.stringify(messages))).size).toBeGreaterThan(500);
  });

  it("can be guessed neither by length nor by side", () => {
    const characters = share(lessons, ({ chosen, rejected }) => chosen.length > rejected.length);
    const words = share(
      lessons,
      ({ chosen, rejected }) => chosen.split(" ").length > rejected.split(" ").length,
    );
    expect(characters).toBe(0.5);
    expect(words).toBe(0.5);
    expect(share(lessons, ({ better }) => better === "a")).toBe(0.5);
  });

  it("marks right answers as chosen and wrong ones as rejected", () => {
    const about = (question: string) =>
      lessons.filter(({ messages, defect }) => defect === "wrong" && messages[0].content.includes(question));
    const france = about("capital of France");
    expect(france.length).toBeGreaterThan(3);
    for (const { chosen, rejected } of france) {
      expect(chosen).toContain("Paris");
      expect(rejected).not.toContain("Paris");
    }
  });
});
