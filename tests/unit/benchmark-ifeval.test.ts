import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ifevalProcess } from "@/server/benchmark/suites/ifeval";
import { languageOf } from "@/server/benchmark/suites/language";

const golden = z
  .object({
    answers: z.array(z.string()),
    instructions: z.array(
      z.object({
        id: z.string(),
        kwargs: z.record(z.string(), z.unknown()),
        strict: z.string(),
        loose: z.string(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(resolve(import.meta.dirname, "golden/ifeval.json"), "utf8")));

const scores = (id: string, kwargs: Record<string, unknown>, answer: string) => {
  const found = ifevalProcess.ofText?.({ instruction_id_list: [id], kwargs: [kwargs], prompt: "" }, answer);
  return found ?? {};
};

describe("IFEval", () => {
  it.each(golden.instructions)(
    "$id $kwargs is checked as lm-eval checks it",
    ({ id, kwargs, ...expected }) => {
      const verdicts = (metric: string) =>
        golden.answers.map((answer) => {
          const value = scores(id, kwargs, answer)[metric];
          return value ? "1" : "0";
        });
      const differing = (name: "strict" | "loose", metric: string) => {
        const own = verdicts(metric);
        return golden.answers.filter((_, index) => own[index] !== expected[name][index]);
      };
      expect(differing("strict", "prompt_level_strict_acc")).toEqual([]);
      expect(differing("loose", "prompt_level_loose_acc")).toEqual([]);
    },
  );

  it("counts sentences and words in capitals by their punctuation", () => {
    const holds = (id: string, kwargs: Record<string, unknown>, answer: string) =>
      scores(id, kwargs, answer).prompt_level_strict_acc;
    const three = { num_sentences: 3, relation: "at least" };
    expect(holds("length_constraints:number_sentences", three, "Dr. Who came. He left! Why?")).toBe(true);
    expect(
      holds("length_constraints:number_sentences", three, "Dr. Who came at 3.5 km. Then J. K. left."),
    ).toBe(false);
    const two = { capital_frequency: 2, capital_relation: "at least" };
    expect(holds("change_case:capital_word_frequency", two, "NASA says: HELLO, world.")).toBe(true);
    expect(holds("change_case:english_lowercase", {}, "this is written in small letters")).toBe(true);
    expect(holds("change_case:english_lowercase", {}, "this is Written in small letters")).toBe(false);
    expect(holds("change_case:english_lowercase", {}, "das ist nicht in der sprache und klein")).toBe(false);
    expect(holds("change_case:capital_word_frequency", two, "Nasa says: HELLO, world.")).toBe(false);
  });

  it.each([
    ["Das ist ein Satz, und der ist nicht sehr lang.", "de"],
    ["C'est une phrase qui n'est pas très longue dans le texte.", "fr"],
    ["Esto es una frase que no es muy larga para el texto.", "es"],
    ["Isto é uma frase que não é muito longa para o texto.", "pt"],
    ["Questa è una frase che non è molto lunga per il testo.", "it"],
    ["To jest zdanie i nie jest bardzo długie.", "pl"],
    ["Hii ni sentensi ya Kiswahili na si ndefu sana.", "sw"],
    ["Tämä on lause ja se ei ole kovin pitkä.", "fi"],
    ["Đây là một câu và nó không dài.", "vi"],
    ["यह एक वाक्य है और बहुत लंबा नहीं है।", "hi"],
    ["हे एक वाक्य आहे आणि ते फार मोठे नाही.", "mr"],
    ["Це речення, і воно не дуже довге.", "uk"],
    ["Это предложение, и оно не очень длинное.", "ru"],
    ["این یک جمله است و خیلی طولانی نیست.", "fa"],
    ["یہ ایک جملہ ہے اور بہت لمبا نہیں ہے۔", "ur"],
    ["هذه جملة وليست طويلة جدا.", "ar"],
    ["これは文です。", "ja"],
    ["이것은 문장입니다.", "ko"],
    ["12345", null],
  ])("takes %j for %s", (text, language) => {
    expect(languageOf(text)).toBe(language);
  });
});
