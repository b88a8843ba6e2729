import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { inspectFile } from "@/server/import/inspect";
import { type ImportRecord, importOptionsSchema } from "@/server/import/schema";
import { detectShape, shapes } from "@/server/import/shapes/registry";
import { fileInMemory } from "@/server/import/source/file";
import { jsonl, readAll, readText } from "./import-helpers";

/** What a file of these rows is taken for, and the records that come of it. */
async function read(rows: unknown[]) {
  const content = JSON.stringify(rows);
  const { plan } = await inspectFile(fileInMemory("rows.json", content), importOptionsSchema.parse({}));
  const { records, problems } = await readText("rows.json", content);
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  return { shape: plan?.shape.id, records };
}

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });
const person = (id: string) => ({ id, kind: "person" });
const contents = ({ responses }: ImportRecord) => responses.map(({ content }) => content);
const sources = ({ responses }: ImportRecord) => responses.map(({ source }) => source);
const answers = ({ judgements }: ImportRecord) => judgements.map((judgement) => judgement.answers);

describe("comparisons of models", () => {
  const battle = (winner: string, more: object = {}) => ({
    question_id: "q7",
    model_a: "alpha-7b",
    model_b: "beta-9b",
    winner,
    judge: "visitor_12",
    conversation_a: [user("Which moon is largest?"), assistant("Ganymede.")],
    conversation_b: [user("Which moon is largest?"), assistant("Titan, surely.")],
    language: "Portuguese",
    tstamp: 1_700_000_000.5,
    ...more,
  });

  it("Arena: verdict, both bad, rater, time, language and models", async () => {
    const verdicts = ["model_a", "model_b", "tie", "tie (bothbad)", "both_bad"];
    const { shape, records } = await read(
      verdicts.map((winner, index) => battle(winner, { judge: `v${index}`, is_code: false })),
    );
    expect(shape).toBe("arena_battles");
    expect(records.map((record) => answers(record)[0]?.better_or_none)).toMatchObject([
      { outcome: "a" },
      { outcome: "b" },
      { outcome: "tie" },
      { outcome: "both_bad" },
      { outcome: "both_bad" },
    ]);
    // As Python prints a verdict that is missing.
    const rows = [battle("model_a"), battle("None", { judge: "v9" })];
    const missing = await readText("rows.jsonl", jsonl(...rows));
    expect(missing.problems).toMatchObject([{ code: "bad-answer", row: 2, field: "winner" }]);
    expect(records[0]).toMatchObject({
      prompt: {
        messages: [user("Which moon is largest?")],
        language: "pt",
        externalId: "q7",
        metadata: { is_code: false },
      },
      responses: [
        { content: "Ganymede.", source: "alpha-7b" },
        { content: "Titan, surely.", source: "beta-9b" },
      ],
      judgements: [{ rater: person("v0"), at: new Date("2023-11-14T22:13:20.500Z") }],
    });
  });

  it("Arena: later turns of each side stay with it, and an unknown verdict is named", async () => {
    const row = battle("model_b", {
      conversation_a: [user("Hm?"), assistant("One."), user("And?"), assistant("Two.")],
      conversation_b: [user("Hm?"), assistant("Eins."), user("And?"), assistant("Zwei.")],
    });
    const { records } = await read([row]);
    expect(records[0]?.prompt.messages).toEqual([user("Hm?")]);
    expect(records[0]?.responses[1]?.metadata.messages).toEqual([
      assistant("Eins."),
      user("And?"),
      assistant("Zwei."),
    ]);
    const { problems } = await readText("a.jsonl", jsonl(battle("alpha")));
    expect(problems).toMatchObject([{ code: "bad-answer", field: "winner", line: 1 }]);
  });

  it("Arena 55k, also as a table", async () => {
    const header = "id,model_a,model_b,prompt,response_a,response_b,winner_model_a,winner_model_b,winner_tie";
    const line = (id: number, verdict: string) =>
      `${id},m-one,m-two,"[""Wie?"",""Und?""]","[""So."",""Ja.""]","[""Anders."",null]",${verdict}`;
    const table = [header, line(1, "1,0,0"), line(2, "0,1,0"), line(3, "0,0,1")].join("\n");
    const { records, problems } = await readText("arena.csv", table);
    expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(records.flatMap(answers)).toMatchObject([
      { better_or_none: { outcome: "a" } },
      { better_or_none: { outcome: "b" } },
      { better_or_none: { outcome: "tie" } },
    ]);
    expect(records[0]?.prompt.messages).toEqual([user("Wie?")]);
    expect(records[0]?.responses[0]?.metadata.messages).toEqual([
      assistant("So."),
      user("Und?"),
      assistant("Ja."),
    ]);
    expect(records.map(sources)[0]).toEqual(["m-one", "m-two"]);
  });

  it.each([
    ["a", "b", "a", "a"],
    ["a", "b", "answer_b", "b"],
    ["1", "2", 2, "b"],
    ["1", "2", "Both bad", "both_bad"],
    ["0", "1", 1, "b"],
    ["left", "right", "Left", "a"],
    ["a", "b", "second model", "b"],
  ])("two columns %s and %s with the verdict %j", async (first, second, verdict, outcome) => {
    const { shape, records } = await read([
      {
        prompt: "Ask.",
        [`answer_${first}`]: "One.",
        [`answer_${second}`]: "Two.",
        [`model_${first}`]: "first model",
        [`model_${second}`]: "second model",
        winner: verdict,
        annotator: "ana",
        reason: "Shorter.",
      },
    ]);
    expect(shape).toBe("side_by_side");
    expect(records).toMatchObject([
      {
        responses: [
          { content: "One.", source: "first model" },
          { content: "Two.", source: "second model" },
        ],
        judgements: [
          { rater: person("ana"), answers: { better_or_none: { outcome }, rationale: { text: "Shorter." } } },
        ],
      },
    ]);
  });

  it("a verdict that may mean either side is not guessed", async () => {
    const { problems } = await readText(
      "a.jsonl",
      jsonl({ prompt: "Ask.", answer_a: "One.", answer_b: "Two.", winner: "1" }),
    );
    expect(problems).toMatchObject([{ code: "unrecognised-shape" }]);
  });

  it("a time that is none stays with the row", async () => {
    const row = { prompt: "Ask.", response_a: "x", response_b: "y", winner: "a", timestamp: "last Friday" };
    const { records } = await read([row, { ...row, prompt: "Ask 2.", timestamp: "2026-01-02 03:04:05" }]);
    expect(records[0].judgements[0].at).toBeUndefined();
    expect(records[0].prompt.metadata).toEqual({ timestamp: "last Friday" });
    expect(records[1].judgements[0].at).toEqual(new Date("2026-01-02T03:04:05Z"));
    expect(records[1].prompt.metadata).toEqual({});
  });

  it("PRISM: the rows of one interaction are one task, the chosen reply is the next turn's history", async () => {
    const reply = (interaction: string, number: number, score: number, chosen: boolean) => ({
      utterance_id: `${interaction}-${number}`,
      interaction_id: interaction,
      conversation_id: "c1",
      user_id: "person 5",
      turn: 0,
      user_prompt: `Ask ${interaction}`,
      model_response: `${interaction} reply ${number}`,
      model_name: `m${number}`,
      score,
      if_chosen: chosen,
    });
    const { shape, records } = await read([
      reply("i1", 1, 20, false),
      reply("i1", 2, 97, true),
      reply("i1", 3, 50, false),
      reply("i2", 1, 88, true),
      reply("i2", 2, 3, false),
    ]);
    expect(shape).toBe("prism");
    expect(records.map(contents)).toEqual([
      ["i1 reply 1", "i1 reply 2", "i1 reply 3"],
      ["i2 reply 1", "i2 reply 2"],
    ]);
    expect(records[1]?.prompt.messages).toEqual([user("Ask i1"), assistant("i1 reply 2"), user("Ask i2")]);
    expect(records.map(({ judgements }) => judgements)).toMatchObject([
      [
        {
          rater: person("person 5"),
          answers: { ranking: { ranks: [2, 1, 2] }, score: { values: { score: [20, 97, 50] } } },
        },
      ],
      [{ answers: { better: { outcome: "a" }, score: { values: { score: [88, 3] } } } }],
    ]);
  });
});

describe("judged by annotators", () => {
  it("HelpSteer: ratings on their scale from 0 to 4", async () => {
    const { shape, records } = await read([
      {
        prompt: "Ask.",
        response: "Good.",
        helpfulness: 4,
        correctness: 3,
        coherence: 4,
        complexity: 0,
        verbosity: 1,
      },
      {
        prompt: "Ask.",
        response: "Bad.",
        helpfulness: 0,
        correctness: 0,
        coherence: 2,
        complexity: 1,
        verbosity: 1,
      },
    ]);
    expect(shape).toBe("helpsteer");
    expect(records.map(contents)).toEqual([["Good."], ["Bad."]]);
    expect(records[0]?.judgements[0]).toMatchObject({
      questions: [{ type: "rating", min: 0, max: 4, attributes: { length: 5 } }],
      answers: {
        helpsteer: {
          values: { helpfulness: [4], correctness: [3], coherence: [4], complexity: [0], verbosity: [1] },
        },
      },
    });
  });

  it("HelpSteer 2: every annotator's strength and reason; the sum of them is not one more vote", async () => {
    const { records } = await read([
      {
        prompt: "Ask.",
        response_1: "One.",
        response_2: "Two.",
        preference_strength: 2,
        preference_elaboration: "Together: the second.",
        all_preferences_unprocessed: [
          { strength: 3, statement: "2 is much better", elaboration: "Right." },
          { strength: -1, statement: "1 is slightly better", elaboration: "Shorter." },
          { strength: 3, statement: "2 is much better", elaboration: "Right." },
        ],
      },
    ]);
    expect(records.flatMap(answers)).toMatchObject([
      { better_by: { outcome: "b", level: 3 }, rationale: { text: "Right." } },
      { better_by: { outcome: "a", level: 1 }, rationale: { text: "Shorter." } },
      { better_by: { outcome: "b", level: 3 }, rationale: { text: "Right." } },
    ]);
    expect(records[0]?.prompt.metadata).toMatchObject({ preference_strength: 2 });
    const alone = await read([
      { prompt: "Ask.", response_1: "One.", response_2: "Two.", preference_strength: 0 },
    ]);
    expect(alone.records.flatMap(answers)).toMatchObject([{ better_by: { outcome: "tie" } }]);
  });

  it("HelpSteer 3: the conversation, each annotator, what they said of each reply", async () => {
    const { shape, records } = await read([
      {
        domain: "stem",
        language: "korean",
        context: [user("A?"), assistant("B."), user("C?")],
        response1: "One.",
        response2: "Two.",
        overall_preference: -2,
        individual_preference: [
          { score: -2, reasoning: "Clearer.", feedback1: "Good.", feedback2: "Vague." },
          { score: -2, reasoning: "Also.", feedback1: null, feedback2: null },
        ],
      },
    ]);
    expect(shape).toBe("helpsteer3_preference");
    expect(records).toMatchObject([
      {
        prompt: { messages: [user("A?"), assistant("B."), user("C?")], language: "ko", domain: "stem" },
        judgements: [
          {
            answers: {
              better_by: { outcome: "a", level: 2 },
              rationale: { text: "Clearer." },
              critique: { text: "Response 1: Good.\n\nResponse 2: Vague." },
            },
          },
          { answers: { better_by: { outcome: "a", level: 2 }, rationale: { text: "Also." } } },
        ],
      },
    ]);
  });

  it("PKU-SafeRLHF: help and harm are two questions", async () => {
    const { records } = await read([
      {
        prompt: "Ask.",
        response_0: "Helps, harms.",
        response_1: "Safe.",
        response_0_source: "x-7b",
        response_1_source: "y-7b",
        is_response_0_safe: false,
        is_response_1_safe: true,
        response_0_harm_category: { "Privacy Violation": true, "Sexual Content": false, Own: true },
        response_1_harm_category: { "Privacy Violation": false },
        response_0_severity_level: 3,
        response_1_severity_level: 0,
        better_response_id: 0,
        safer_response_id: 1,
      },
    ]);
    expect(records).toMatchObject([
      {
        responses: [
          {
            source: "x-7b",
            metadata: {
              harm_category: { "Privacy Violation": true, "Sexual Content": false, Own: true },
              ...{ harm_taxonomy: "pku_saferlhf", harm_hazards: ["S7"] },
            },
          },
          { source: "y-7b", metadata: { harm_category: { "Privacy Violation": false } } },
        ],
        judgements: [
          {
            answers: {
              more_helpful: { outcome: "a" },
              safer: { outcome: "b" },
              safe: { values: [["unsafe"], ["safe"]] },
              severity: { values: { severity: [3, 0] } },
            },
          },
        ],
      },
    ]);
  });

  it("BeaverTails: whether a reply is safe, and which harms it does", async () => {
    const category = { privacy_violation: true, animal_abuse: false };
    const { shape, records } = await read([
      { prompt: "Ask.", response: "A made-up address.", category, is_safe: false },
      { prompt: "Ask.", response: "No.", category: { privacy_violation: false }, is_safe: true },
    ]);
    expect(shape).toBe("beavertails");
    expect(records).toMatchObject([
      {
        responses: [
          {
            metadata: {
              harm_category: ["privacy_violation"],
              harm_taxonomy: "beavertails",
              harm_hazards: ["S7"],
            },
          },
        ],
        judgements: [
          { answers: { safe: { values: [["unsafe"]] }, harm: { values: [["privacy_violation"]] } } },
        ],
      },
      { judgements: [{ answers: { safe: { values: [["safe"]] }, harm: { values: [[]] } } }] },
    ]);
  });

  it("SHP, Stack Exchange and WebGPT", async () => {
    const shp = (labels: number) => ({
      post_id: `p${labels}`,
      domain: "askbakers_train",
      history: `Why does it rise? ${labels}`,
      human_ref_A: "Yeast.",
      human_ref_B: "Magic.",
      score_A: 9,
      score_B: 4,
      labels,
    });
    const forum = await read([shp(1), shp(0)]);
    expect(forum.shape).toBe("shp");
    expect(forum.records.flatMap(answers)).toMatchObject([
      { better: { outcome: "a" } },
      { better: { outcome: "b" } },
    ]);
    expect(forum.records[0]).toMatchObject({
      prompt: { domain: "askbakers_train", externalId: "p1" },
      responses: [{ metadata: { score: 9 } }, { metadata: { score: 4 } }],
    });
    const stack = await read([
      { qid: 4, question: "How?", response_j: "So.", response_k: "No.", date: "2021" },
    ]);
    expect(stack.records).toMatchObject([
      {
        prompt: { externalId: "4", metadata: { date: "2021" } },
        judgements: [{ answers: { better: { outcome: "a" } } }],
      },
    ]);
    const web = await read(
      [0, -1, 0.35].map((score) => ({
        question: { dataset: "eli5", id: `e${score}`, full_text: `Why ${score}?` },
        quotes_0: { title: ["T"], extract: ["E"] },
        answer_0: "One.",
        answer_1: "Two.",
        score_0: score,
        score_1: -score,
      })),
    );
    expect(web.records.flatMap(answers)).toMatchObject([
      { better_by: { outcome: "tie" } },
      { better_by: { outcome: "b", level: 3 } },
      { better_by: { outcome: "a", level: 1 } },
    ]);
    expect(web.records[2]).toMatchObject({
      prompt: { messages: [user("Why 0.35?")], source: "eli5" },
      responses: [{ metadata: { score: 0.35, quotes: { title: ["T"] } } }, { metadata: { score: -0.35 } }],
    });
  });

  it("summaries compared, and rated on axes", async () => {
    const info = { id: "t3", post: "Long story.", title: "Help", subreddit: "advice", article: null };
    const compared = await read([
      {
        info,
        summaries: [
          { text: " First.", policy: "sup2", note: "ok" },
          { text: " Second.", policy: "ref", note: null },
        ],
        choice: 1,
        worker: "wk1",
        batch: "b9",
        extra: { confidence: 8 },
      },
    ]);
    expect(compared.records).toMatchObject([
      {
        prompt: {
          messages: [user("SUBREDDIT: r/advice\n\nTITLE: Help\n\nPOST: Long story.\n\nTL;DR:")],
          domain: "advice",
          metadata: { batch: "b9" },
        },
        responses: [{ source: "sup2", metadata: { note: "ok" } }, { source: "ref" }],
        judgements: [
          {
            rater: person("wk1"),
            answers: { better: { outcome: "b" }, confidence: { values: { confidence: [8] } } },
          },
        ],
      },
    ]);
    const rated = await read([
      {
        info,
        summary: { text: "S.", policy: "ref", axes: { overall: 7, accuracy: 5, coverage: null } },
        worker: "w",
      },
    ]);
    expect(rated.records.flatMap(answers)).toMatchObject([
      { summary: { values: { overall: [7], accuracy: [5] } } },
    ]);
  });
});

describe("several replies", () => {
  it("Nectar: ranks, ties and models; the transcript is the conversation", async () => {
    const { records } = await read([
      {
        prompt: "\n\nHuman: A?\n\nAssistant: B.\n\nHuman: C?\n\nAssistant: ",
        answers: [
          { answer: "x", model: "m1", rank: 3 },
          { answer: "y", model: "m2", rank: 1 },
          { answer: "z", model: "m3", rank: 1 },
        ],
        source: ["alpaca", "sharegpt"],
        turns: 2,
      },
    ]);
    expect(records).toMatchObject([
      {
        prompt: { messages: [user("A?"), assistant("B."), user("C?")], source: "alpaca, sharegpt" },
        responses: [{ source: "m1" }, { source: "m2" }, { source: "m3" }],
        judgements: [{ answers: { ranking: { ranks: [3, 1, 1] } } }],
      },
    ]);
  });

  it("UltraFeedback: four aspects from 1 to 5, what was not rated stays open, the critique stays beside", async () => {
    const said = (rating: string) => ({ Rating: rating, Rationale: "Because." });
    const { records } = await read([
      {
        source: "flan",
        instruction: "Ask.",
        models: ["m1", "m2"],
        completions: [
          {
            model: "m1",
            response: "One.",
            critique: "Fine.",
            overall_score: 8.5,
            annotations: {
              helpfulness: said("4"),
              honesty: said("5"),
              instruction_following: said("3"),
              truthfulness: said("N/A"),
            },
          },
          {
            model: "m2",
            response: "Two.",
            annotations: {
              helpfulness: said("1"),
              honesty: said("2"),
              instruction_following: said("2"),
              truthfulness: said("1"),
            },
          },
        ],
      },
    ]);
    expect(records).toMatchObject([
      {
        prompt: { source: "flan" },
        responses: [
          { source: "m1", metadata: { critique: "Fine.", overall_score: 8.5 } },
          { content: "Two.", source: "m2" },
        ],
        judgements: [
          {
            questions: [{ min: 1, max: 5 }],
            answers: {
              ultrafeedback: {
                values: {
                  helpfulness: [4, 1],
                  honesty: [5, 2],
                  instruction_following: [3, 2],
                  truthfulness: [null, 1],
                },
              },
            },
          },
        ],
      },
    ]);
  });

  it.each([
    [{ chosen_model: "m1", rejected_model: "m2", chosen_rating: 5, rejected_rating: 2.5 }, { rating: 5 }],
    [
      { "chosen-model": "m1", "rejected-model": "m2", "chosen-rating": 5, "rejected-rating": 2.5 },
      { rating: 5 },
    ],
    [{ chosen_model: "m1", rejected_model: "m2", rating_chosen: 5, rating_rejected: 2.5 }, { rating: 5 }],
    [{ model_chosen: "m1", model_rejected: "m2", score_chosen: 5, score_rejected: 2.5 }, { score: 5 }],
  ])(
    "Tulu 3, Argilla, Capybara, RewardBench: the models and ratings of a pair in %j",
    async (more, metadata) => {
      const { records } = await read([
        {
          prompt: "Ask.",
          chosen: [user("Ask."), assistant("One.")],
          rejected: [user("Ask."), assistant("Two.")],
          ...more,
        },
      ]);
      expect(records).toMatchObject([
        {
          prompt: { metadata: {} },
          responses: [
            { content: "One.", source: "m1", metadata },
            { content: "Two.", source: "m2" },
          ],
          judgements: [{ answers: { better: { outcome: "a" } } }],
        },
      ]);
    },
  );

  it("RewardBench 2: all that are right tie for the first place", async () => {
    const { records } = await read([
      {
        id: "9",
        prompt: "Ask.",
        chosen: ["Yes.", "Indeed."],
        rejected: ["No.", "Perhaps."],
        models: ["a", "b", "c", "d"],
        subset: "Ties",
      },
    ]);
    expect(records.map(sources)).toEqual([["a", "b", "c", "d"]]);
    expect(records.flatMap(answers)).toMatchObject([{ ranking: { ranks: [1, 1, 3, 3] } }]);
  });
});

describe("fine-tuning files", () => {
  it("OpenAI, Azure, Together and Fireworks preferences", async () => {
    const tools = [{ type: "function", function: { name: "clock" } }];
    const { shape, records } = await read([
      {
        input: {
          messages: [{ role: "system", content: "Be brief." }, user("Time?")],
          tools,
          parallel_tool_calls: false,
        },
        preferred_output: [assistant("Noon.")],
        non_preferred_output: [assistant("No idea.")],
      },
    ]);
    expect(shape).toBe("openai_preference");
    expect(records).toMatchObject([
      {
        prompt: {
          messages: [{ role: "system" }, user("Time?")],
          tools,
          metadata: { parallel_tool_calls: false },
        },
        responses: [{ content: "Noon." }, { content: "No idea." }],
        judgements: [{ answers: { better: { outcome: "a" } } }],
      },
    ]);
  });

  it("Gemini: a reply to learn, and two completions with scores", async () => {
    const turn = (role: string, text: string) => ({ role, parts: [{ text }] });
    const rows = [
      {
        systemInstruction: turn("system", "Be brief."),
        contents: [turn("user", "Hi"), turn("model", "Hello.")],
      },
    ];
    const { records } = await read(rows);
    expect(records).toMatchObject([
      {
        prompt: { messages: [{ role: "system", content: "Be brief." }, user("Hi")] },
        judgements: [{ answers: { demonstration: { text: "Hello." } } }],
      },
    ]);
    const scored = await read([
      {
        contents: [turn("user", "Hi")],
        completions: [
          { score: 0, completion: turn("model", "Go away.") },
          { score: 1, completion: turn("model", "Hello.") },
        ],
      },
    ]);
    const call = (name: string) => ({ functionCall: { name, args: {} } });
    const result = (name: string, value: number) => ({ functionResponse: { name, response: { value } } });
    const called = await read([
      {
        contents: [
          turn("user", "Both?"),
          { role: "model", parts: [call("one"), call("two")] },
          { role: "user", parts: [result("one", 1), result("two", 2), { text: "Be quick." }] },
          turn("model", "1 and 2."),
        ],
      },
    ]);
    expect(called.records[0].prompt.messages.slice(2)).toEqual([
      { role: "tool", name: "one", content: '{"value":1}' },
      { role: "tool", name: "two", content: '{"value":2}' },
      user("Be quick."),
    ]);
    expect(scored.records.map(contents)).toEqual([["Go away.", "Hello."]]);
    expect(scored.records.flatMap(answers)).toMatchObject([{ better: { outcome: "b" } }]);
  });

  it("Bedrock, OpenOrca and ms-swift", async () => {
    const bedrock = await read([
      {
        schemaVersion: "bedrock-conversation-2024",
        system: [{ text: "Be brief." }],
        messages: [
          { role: "user", content: [{ text: "Hi" }] },
          { role: "assistant", content: [{ text: "Hello." }] },
        ],
      },
    ]);
    const orca = await read([{ id: "f.1", system_prompt: "Be brief.", question: "Hi", response: "Hello." }]);
    for (const { records } of [bedrock, orca])
      expect(records).toMatchObject([
        {
          prompt: { messages: [{ role: "system", content: "Be brief." }, user("Hi")] },
          judgements: [{ answers: { demonstration: { text: "Hello." } } }],
        },
      ]);
    const swift = await read([
      { messages: [user("Hi"), assistant("Hello.")], rejected_response: "Go away." },
      {
        messages: [user("Hi there"), assistant("Hello.")],
        rejected_messages: [user("Hi there"), assistant("Go away.")],
      },
    ]);
    expect(swift.records.map(contents)).toEqual([
      ["Hello.", "Go away."],
      ["Hello.", "Go away."],
    ]);
    expect(swift.records.flatMap(answers)).toMatchObject([
      { better: { outcome: "a" } },
      { better: { outcome: "a" } },
    ]);
  });

  it("ms-swift: nothing is worse than a reply that is not there", async () => {
    const { problems } = await readText(
      "s.jsonl",
      jsonl({ messages: [user("Hi")], rejected_response: "Go away." }),
    );
    expect(problems).toMatchObject([{ code: "no-reply", field: "messages", line: 1 }]);
  });

  it("a chat log's last reply is to be judged, not to be learnt", async () => {
    const { records } = await read([
      {
        conversation_hash: "h",
        model: "m-4",
        language: "German",
        conversation: [user("A?"), assistant("B.")],
        toxic: false,
      },
    ]);
    expect(records).toMatchObject([
      {
        prompt: { language: "de", externalId: "h", metadata: { toxic: false } },
        responses: [{ content: "B.", source: "m-4" }],
        judgements: [],
      },
    ]);
  });
});

/** Files that the tools themselves wrote; see peers/README.md. */
async function peer(...names: string[]) {
  const files = names.map((name) =>
    fileInMemory(name, readFileSync(new URL(`./peers/${name}`, import.meta.url))),
  );
  const { records, problems } = await readAll(files);
  // A row an annotator, each with its own id: the text is stored once, with the first.
  expect(problems.filter(({ code }) => code !== "other-details")).toEqual([]);
  return records;
}

/** Who said what of each prompt, whatever row it came in. */
function opinions(records: readonly ImportRecord[]) {
  return records
    .flatMap(({ prompt, judgements }) =>
      judgements.map(({ rater, answers, at }) => ({
        of: prompt.messages.at(-1)?.content,
        by: rater.id,
        at: at?.toISOString(),
        answers,
      })),
    )
    .sort((a, b) => `${a.of}${a.by}`.localeCompare(`${b.of}${b.by}`));
}

describe("the list of shapes", () => {
  it.each(shapes.map((shape) => ({ ...shape, name: shape.id })))(
    "$name: its example is taken for it, and gives a record where it needs no other file",
    async ({ id, example }) => {
      expect(detectShape([example])?.shape.id).toBe(id);
      const { records, problems } = await readText("rows.json", JSON.stringify([example]));
      const errors = problems.filter(({ severity }) => severity === "error");
      if (errors.length > 0) expect(errors).toMatchObject([{ code: "missing-companion" }]);
      else if (!partsOnly.has(id)) expect(records.length).toBeGreaterThan(0);
    },
  );

  it("names each once, in words", () => {
    expect(new Set(shapes.map(({ id }) => id)).size).toBe(shapes.length);
    expect(new Set(shapes.map(({ title }) => title)).size).toBe(shapes.length);
  });
});

/** Files that only complete others. */
const partsOnly = new Set([
  "prompt_template",
  "mt_bench_answers",
  "squality_questions",
  "ukpconvarg_arguments",
  "ukpconvarg_pairs",
  "pandalm",
]);

describe("annotation tools", () => {
  it.each(["label-studio.json", "label-studio-min.json", "label-studio.csv", "label-studio.tsv"])(
    "%s: pairs, stars, texts, choices and numbers of two people",
    async (name) => {
      const records = await peer(name);
      expect(records[0]).toMatchObject({
        prompt: { messages: [user("Is rest enough for a cold?")], language: "en", externalId: "11" },
        responses: [{ content: "Mostly, with fluids." }, { content: "No, take antibiotics." }],
      });
      const said = opinions(records);
      expect(said).toMatchObject([
        {
          by: "r1@clinic.test",
          at: "2026-03-01T08:00:00.000Z",
          answers: {
            better_or_none: { outcome: "a" },
            conf: { values: { value: [5] } },
            rationale: { text: "Antibiotics do nothing here." },
            tone: { values: [["kind", "dry"]] },
            words: { values: { value: [4] } },
          },
        },
        { by: "r2@clinic.test", answers: { better_or_none: { outcome: "a" }, tone: { values: [["dry"]] } } },
        {
          of: "Name a bone of the foot.",
          by: "r1@clinic.test",
          answers: { better_or_none: { outcome: "b" }, conf: { values: { value: [5] } } },
        },
        {
          by: "r2@clinic.test",
          answers: { conf: { values: { value: [1] } }, rationale: { text: "Cannot tell." } },
        },
      ]);
      expect(said[3]?.answers.better_or_none).toBeUndefined();
      const stars = records.flatMap(({ judgements }) => judgements.flatMap(({ questions }) => questions));
      expect(stars.find(({ id }) => id === "conf")).toMatchObject({ min: 1, max: 5, per: "task" });
    },
  );

  it("Label Studio: a ranker's order and buckets; cancelled annotations are no judgements", async () => {
    const ranked = (id: number, ranker: object, cancelled = false) => ({
      id,
      completed_by: id,
      was_cancelled: cancelled,
      result: [{ from_name: "rank", to_name: "list", type: "ranker", value: { ranker } }],
    });
    const { records } = await read([
      {
        id: 5,
        data: {
          question: "Pick a greeting.",
          items: [
            { id: "x", body: "Hello" },
            { id: "y", body: "Hey" },
            { id: "z", body: "Yo" },
          ],
        },
        annotations: [
          ranked(1, { _: ["y", "z", "x"] }),
          ranked(2, { good: ["x", "y"], bad: ["z"] }),
          ranked(3, { _: ["x", "y", "z"] }, true),
        ],
      },
    ]);
    expect(records.map(contents)).toEqual([["Hello", "Hey", "Yo"]]);
    expect(records.flatMap(answers)).toMatchObject([
      { ranking: { ranks: [3, 1, 2] } },
      { ranking: { ranks: [1, 1, 3] } },
    ]);
  });

  it.each(["argilla.json", "argilla-flat.jsonl"])("%s: users, and an agent's suggestion", async (name) => {
    const records = await peer(name);
    expect(records[0]).toMatchObject({
      prompt: { messages: [user("Name a river in Peru.")], language: "en", externalId: "peru" },
      responses: [{ content: "The Ucayali." }, { content: "The Elbe." }],
    });
    const [nora, judge] = ["6f1b2c3d-0000-4000-8000-000000000001", "judge-x"].map((id) =>
      records[0]?.judgements.find(({ rater }) => rater.id === id),
    );
    expect(nora).toMatchObject({
      rater: { kind: "person" },
      answers: {
        better_or_none: { outcome: "a" },
        better: { outcome: "a" },
        quality: { values: { value: [4] } },
        rationale: { text: "It lies in Peru." },
      },
    });
    expect(judge).toMatchObject({ rater: { kind: "model" }, answers: { better_or_none: { outcome: "a" } } });
    expect(records[0]?.prompt.metadata.suggestion_scores).toEqual({ preference: 0.9 });
  });

  it("Argilla: what a user discarded is not said", async () => {
    const records = await peer("argilla-flat.jsonl");
    const second = records[0]?.judgements.find(({ rater }) => rater.id.endsWith("2"));
    expect(second?.answers).toEqual({ tags: { type: "choice", values: [["factual", "short"]] } });
  });

  it("questions in other scripts, of long names and of two reasons are questions of their own", async () => {
    const long = "how well does the response follow what was asked for";
    const given = {
      有用性: 1,
      正確性: 2,
      [`${long}, in its form`]: 3,
      [`${long}, in its content`]: 4,
      reason: "First.",
      explanation: "Second.",
    };
    const row = (id: string) => ({
      id,
      fields: { prompt: `Ask ${id}.`, response_1: "Two.", response_2: "One." },
      responses: Object.fromEntries(
        Object.entries(given).map(([name, value]) => [name, [{ value, user_id: "u1" }]]),
      ),
    });
    const [{ judgements }] = (await read([row("r1"), row("r2")])).records;
    const said = judgements[0].questions.map(({ id, label }) => [label, judgements[0].answers[id]]);
    expect(said).toMatchObject([
      ["有用性", { values: { value: [1] } }],
      ["正確性", { values: { value: [2] } }],
      [`${long}, in its form`, { values: { value: [3] } }],
      [`${long}, in its content`, { values: { value: [4] } }],
      ["Why?", { text: "First." }],
      ["explanation", { text: "Second." }],
    ]);
  });

  it.each(["potato.jsonl", "potato.csv"])("%s finds its tasks in the study's data file", async (name) => {
    const records = await peer(name, "potato-items.jsonl");
    expect(opinions(records)).toMatchObject([
      {
        of: "Which gas do plants take in?",
        by: "nora@lab.test",
        answers: {
          better_or_none: { outcome: "a" },
          better_by: { outcome: "a", level: 3 },
          quality: { values: { value: [5] } },
          flags: { values: [["short", "clear"]] },
          rationale: { text: "Helium is inert." },
        },
      },
      { by: "ole@lab.test", answers: { better_by: { outcome: "a", level: 1 } } },
      {
        of: "Wie viele Beine hat eine Spinne?",
        by: "nora@lab.test",
        answers: { better_or_none: { outcome: "b" }, better_by: { outcome: "b", level: 2 } },
      },
      {
        by: "ole@lab.test",
        answers: { better_or_none: { outcome: "tie" }, quality: { values: { value: [1] } } },
      },
    ]);
    const alone = await readAll([
      fileInMemory(name, readFileSync(new URL(`./peers/${name}`, import.meta.url))),
    ]);
    expect(alone.records).toEqual([]);
    expect(alone.problems).toMatchObject([{ code: "missing-companion", field: "instance_id" }]);
  });

  it("Prodigy: the answer names a place, the mapping whose text stood there", async () => {
    const row = (id: number, answer: string) => ({
      id,
      input: { text: `Ask ${id}.` },
      accept: { text: "One." },
      reject: { text: "Two." },
      mapping: { A: "reject", B: "accept" },
      answer,
      _session_id: "study-mia",
      _timestamp: 1_780_000_000,
    });
    const { records, problems } = await readText(
      "p.jsonl",
      jsonl(row(1, "accept"), row(2, "reject"), row(3, "ignore")),
    );
    expect(problems).toMatchObject([{ code: "no-verdict", row: 3 }]);
    expect(records.map(sources)).toEqual([
      ["B", "A"],
      ["B", "A"],
      ["B", "A"],
    ]);
    expect(records.map(({ judgements }) => judgements)).toMatchObject([
      [{ rater: person("study-mia"), answers: { better: { outcome: "a" } } }],
      [{ answers: { better: { outcome: "b" } } }],
      [],
    ]);
    const chosen = await read([
      {
        text: "Ask.",
        options: [
          { id: 1, text: "One." },
          { id: 2, text: "Two." },
          { id: 3, text: "Three." },
        ],
        accept: [2],
        answer: "accept",
      },
    ]);
    expect(chosen.records.flatMap(answers)).toMatchObject([{ ranking: { ranks: [2, 1, 2] } }]);
  });

  it("doccano: written texts are replies, labels that return are classes, spans are refused", async () => {
    const written = await read([
      { id: 1, text: "Translate: Hund", label: ["dog", "hound"] },
      { id: 2, text: "Translate: Katze", label: ["cat"] },
    ]);
    expect(written.records.flatMap(answers)).toMatchObject([
      { demonstration: { text: "dog" } },
      { demonstration: { text: "hound" } },
      { demonstration: { text: "cat" } },
    ]);
    const classes = await read(
      ["good", "bad", "good", "bad"].map((label, id) => ({
        id,
        text: `Text ${id}`,
        label: [label],
        Comments: [],
      })),
    );
    expect(classes.records.flatMap(answers)[0]).toEqual({ label: { type: "choice", values: [["good"]] } });
    const { problems } = await readText(
      "d.json",
      JSON.stringify([{ id: 1, text: "In Rome", label: [[3, 7, "LOC"]] }]),
    );
    expect(problems).toMatchObject([{ code: "wrong-type", field: "label[0]", message: /spans/ }]);
  });

  it("Kiln: a run in a file of its own, with its model, stars and repair", async () => {
    const { records, problems } = await readText(
      "task_run.kiln",
      JSON.stringify({
        v: 1,
        id: "77",
        input: "Ask.",
        output: {
          output: "Said.",
          source: { type: "synthetic", properties: { model_name: "m-8b" } },
          rating: { type: "five_star", value: 2 },
        },
        repair_instructions: "Be kind.",
        repaired_output: { output: "Said kindly." },
        tags: [],
      }),
    );
    expect(problems).toEqual([]);
    expect(records).toMatchObject([
      {
        responses: [{ content: "Said.", source: "m-8b" }],
        judgements: [
          {
            answers: {
              stars: { values: { stars: [2] } },
              edit: { texts: ["Said kindly."] },
              rationale: { text: "Be kind." },
            },
          },
        ],
      },
    ]);
  });

  it("Langfuse and LangSmith", async () => {
    const items = await read([
      {
        id: "i1",
        datasetName: "set",
        input: { messages: [user("Ask.")], temperature: 0 },
        expectedOutput: assistant("Said."),
        metadata: { team: "x" },
      },
    ]);
    expect(items.records).toMatchObject([
      {
        prompt: { messages: [user("Ask.")], source: "set", metadata: { temperature: 0, team: "x" } },
        judgements: [{ answers: { demonstration: { text: "Said." } } }],
      },
    ]);
    const score = (value: number, more: object) => ({
      name: "quality",
      value,
      source: "ANNOTATION",
      ...more,
    });
    const traces = await read([
      {
        id: "t1",
        input: "Ask 1.",
        output: "Said.",
        scores: [
          score(4, { authorUserId: "kim", comment: "Good." }),
          score(2, { authorUserId: "kim", comment: "Too long.", name: "length" }),
          score(1, { authorUserId: "kim" }),
        ],
      },
      {
        id: "t2",
        input: "Ask 2.",
        output: "Said.",
        scores: [score(9, { name: "toxicity", source: "EVAL" })],
      },
    ]);
    expect(traces.records.map(({ judgements }) => judgements)).toMatchObject([
      [
        {
          rater: person("kim"),
          answers: {
            quality: { values: { value: [4] } },
            length: { values: { value: [2] } },
            comment: { text: "Good.\n\nToo long." },
          },
        },
      ],
      [{ rater: { id: "toxicity", kind: "model" }, answers: { toxicity: { values: { value: [9] } } } }],
    ]);
    expect(traces.records[0].prompt.metadata.scores).toEqual([score(1, { authorUserId: "kim" })]);
    const examples = await read([
      { inputs: { question: "Ask." }, outputs: { answer: "Said." } },
      { inputs: { messages: [user("Ask.")] }, outputs: { generations: [[]], content: "Said more." } },
    ]);
    expect(examples.records.flatMap(answers)).toMatchObject([
      { demonstration: { text: "Said." } },
      { demonstration: { text: "Said more." } },
    ]);
  });

  it("distilabel: the judge's ratings of each generation", async () => {
    const { records } = await read([
      {
        instruction: "Ask.",
        generations: ["One.", "Two.", "Three."],
        generation_models: ["a", "b", "c"],
        ratings: [5, null, 2],
        rationales: ["Right.", null, "Vague."],
        model_name: "judge-70b",
      },
    ]);
    expect(records).toMatchObject([
      {
        responses: [{ source: "a", metadata: { rationale: "Right." } }, { source: "b" }, { source: "c" }],
        judgements: [
          {
            rater: { id: "judge-70b", kind: "model" },
            questions: [{ min: 1, max: 5 }],
            answers: { rating: { values: { value: [5, null, 2] } } },
          },
        ],
      },
    ]);
  });

  it("PRM800K: every step with its rating and what stood beside it", async () => {
    const { records } = await read([
      {
        labeler: "lab-3",
        timestamp: "2022-08-01T10:00:00.000000",
        question: { problem: "1 + 1?", ground_truth_answer: "2" },
        label: {
          steps: [
            {
              completions: [
                { text: "Add them.", rating: 1, flagged: false },
                { text: "Multiply.", rating: -1, flagged: false },
              ],
              human_completion: null,
              chosen_completion: 0,
            },
            { completions: [], human_completion: { text: "So 2." }, chosen_completion: null },
          ],
          finish_reason: "solution",
        },
      },
    ]);
    expect(records).toMatchObject([
      {
        responses: [
          {
            content: "Add them.\nSo 2.",
            metadata: {
              steps: [
                { text: "Add them.", label: 1, others: [{ text: "Multiply.", rating: -1 }] },
                { text: "So 2.", label: null, written: true },
              ],
            },
          },
        ],
        judgements: [
          {
            rater: person("lab-3"),
            at: new Date("2022-08-01T10:00:00Z"),
            answers: { solution_end: { values: [["solution"]] } },
          },
        ],
      },
    ]);
  });

  it.each([
    ["images", { prompt: "Ask.", chosen: "One.", rejected: "Two.", images: ["a.png"] }],
    [
      "messages[0].content",
      {
        messages: [
          {
            role: "user",
            content: [
              { type: "image_url", image_url: { url: "x" } },
              { type: "text", text: "?" },
            ],
          },
          assistant("A cat."),
        ],
      },
    ],
    ["image", { query: "Ask.", image: { bytes: "AA" }, first_text: "One." }],
  ])("a row with pictures in %s is refused for that, and not read without them", async (field, row) => {
    const { records, problems } = await readText("a.json", JSON.stringify([row]));
    expect(records).toEqual([]);
    expect(problems).toMatchObject([{ code: "media", field }]);
    const without = await read([{ prompt: "Ask.", chosen: "One.", rejected: "Two.", images: [] }]);
    expect(without.records).toHaveLength(1);
  });
});
