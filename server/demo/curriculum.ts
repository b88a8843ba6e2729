import { type Random, randomFor } from "./random";

type Message = { role: "user" | "assistant"; content: string };
/** What is wrong with the rejected response. */
type Defect = "wrong" | "rude" | "evasive" | "off_topic" | "babble";

/** A preference with a known answer. `chosen` is shown at the side that `better` names. */
export interface CurriculumPair {
  id: string;
  domain: string;
  defect: Defect;
  messages: Message[];
  chosen: string;
  rejected: string;
  better: "a" | "b";
}

type Words = readonly [string, ...string[]];
interface Topic {
  domain: string;
  /** Ways to ask, with {x} for the thing asked about. */
  questions: Words;
  /** Ways to answer, with {x} and {y}. */
  answers: Words;
  facts: readonly [readonly [x: string, y: string], ...(readonly [x: string, y: string])[]];
}

const topics: readonly [Topic, ...Topic[]] = [
  {
    domain: "capitals",
    questions: [
      "What is the capital of {x}?",
      "Which city is the capital of {x}?",
      "Tell me the capital of {x}.",
      "I forgot the capital of {x}. What is it?",
    ],
    answers: ["The capital of {x} is {y}.", "{y} is the capital of {x}.", "It is {y}."],
    facts: [
      ["France", "Paris"],
      ["Italy", "Rome"],
      ["Spain", "Madrid"],
      ["Japan", "Tokyo"],
      ["Egypt", "Cairo"],
      ["Norway", "Oslo"],
    ],
  },
  {
    domain: "colours",
    questions: [
      "What colour is {x}?",
      "Which colour does {x} have?",
      "Tell me the colour of {x}.",
      "Do you know the colour of {x}?",
    ],
    answers: ["The colour of {x} is {y}.", "The usual colour of {x} is {y}.", "It is {y}."],
    facts: [
      ["grass", "green"],
      ["snow", "white"],
      ["blood", "red"],
      ["a lemon", "yellow"],
      ["a clear sky", "blue"],
      ["a flamingo", "pink"],
    ],
  },
  {
    domain: "opposites",
    questions: [
      "What is the opposite of {x}?",
      "Which word is the opposite of {x}?",
      "Tell me the opposite of {x}.",
      "I need the opposite of the word {x}.",
    ],
    answers: ["The opposite of {x} is {y}.", "{y} is the opposite of {x}.", "It is {y}."],
    facts: [
      ["hot", "cold"],
      ["big", "small"],
      ["early", "late"],
      ["open", "closed"],
      ["loud", "quiet"],
      ["fast", "slow"],
    ],
  },
  {
    domain: "arithmetic",
    questions: [
      "What is {x}?",
      "How much is {x}?",
      "Please add for me: {x}.",
      "Can you tell me how much {x} is?",
    ],
    answers: ["The sum is {y}.", "{x} is {y}.", "It is {y}."],
    facts: [
      ["one plus one", "two"],
      ["two plus two", "four"],
      ["two plus three", "five"],
      ["three plus three", "six"],
      ["four plus five", "nine"],
      ["five plus five", "ten"],
    ],
  },
  {
    domain: "units",
    questions: [
      "How many {x}?",
      "Please tell me how many {x}.",
      "Do you know how many {x}?",
      "I must know how many {x}.",
    ],
    answers: ["The number is {y}.", "There are {y}.", "It is {y}."],
    facts: [
      ["minutes are in an hour", "sixty"],
      ["hours are in a day", "twenty-four"],
      ["days are in a week", "seven"],
      ["months are in a year", "twelve"],
      ["sides are in a triangle", "three"],
      ["legs are on a spider", "eight"],
    ],
  },
  {
    domain: "definitions",
    questions: [
      "What do you call {x}?",
      "Which word means {x}?",
      "I need a word for {x}.",
      "Tell me the word for {x}.",
    ],
    answers: ["The word is {y}.", "The name for {x} is {y}.", "We say {y}."],
    facts: [
      ["a young dog", "puppy"],
      ["a doctor for teeth", "dentist"],
      ["a person who bakes bread", "baker"],
      ["a house for books", "library"],
      ["frozen water", "ice"],
      ["the season after winter", "spring"],
    ],
  },
];

const openings: Words = ["", "", "", "Hello. ", "Good morning. ", "I have a question. ", "Quick question. "];
const kind: Words = ["Good question.", "Happy to help.", "Thank you for asking.", "Gladly.", "Of course."];
const rude: Words = [
  "What a stupid question.",
  "Any child knows that.",
  "Stop wasting my time.",
  "Are you really that slow?",
  "Look it up yourself next time.",
];
const evasive: Words = [
  "I cannot answer that.",
  "I am not allowed to say.",
  "I do not want to talk about it.",
  "Ask somebody else.",
  "Maybe, maybe not.",
];
/** Says nothing about quality: drawn for both sides, so that length tells nothing either. */
const neutral: Words = [
  "That is my reply to what you wrote.",
  "Many people want to know this.",
  "This comes up in school again and again.",
  "You can write it down on a piece of paper.",
  "There is not much more to say here.",
  "It has been like this for a long time.",
  "You can read about it in many books.",
  "The next thing is up to you.",
];

/** Farewells and thanks: the reply depends on the turn before it. */
const courtesies: readonly [readonly [ask: string, reply: string], ...(readonly [string, string])[]] = [
  ["Thank you very much.", "You are welcome."],
  ["I passed my exam today.", "Congratulations, well done."],
  ["Can you explain that again?", "No problem, I will explain it again."],
  ["Goodbye.", "Goodbye and have a nice day."],
  ["I am a bit sad today.", "I am sorry to hear that."],
];

const defects: readonly [Defect, ...Defect[]] = [
  "babble",
  ...times<Defect>("wrong", 4),
  ...times<Defect>("rude", 2),
  ...times<Defect>("evasive", 2),
  ...times<Defect>("off_topic", 2),
];

/**
 * `count` short English pairs whose better side is known, from a vocabulary of about 200 words: small enough for
 * a model of a million weights trained from scratch to learn politeness, facts and staying on the topic. Every
 * fact is asked in many wordings, so a split by prompt tests knowledge and not memory of the sentence. In half of
 * the pairs the chosen response is the longer one, both in characters and in words, and in half it is side "a";
 * the two halves are independent.
 */
export function curriculum(count = 1500, seed = 1): CurriculumPair[] {
  const random = randomFor("curriculum", seed);
  const balance = random.shuffled(Array.from({ length: count }, (_, i) => i % 4));
  return balance.map((cell, i) => {
    const draft = random.uniform() < 0.08 ? courtesyPair(random) : factPair(random);
    const chosenLonger = cell < 2;
    const [chosen, rejected] = chosenLonger
      ? [lengthen(draft.chosen, draft.rejected, random), draft.rejected]
      : [draft.chosen, lengthen(draft.rejected, draft.chosen, random)];
    return {
      ...draft,
      id: `curriculum-${String(i + 1).padStart(5, "0")}`,
      chosen,
      rejected,
      better: cell % 2 === 0 ? "a" : "b",
    };
  });
}

type Draft = Pick<CurriculumPair, "domain" | "defect" | "messages" | "chosen" | "rejected">;

function factPair(random: Random): Draft {
  const topic = random.pick(topics);
  const [x, y] = random.pick(topic.facts);
  const question = fill(random.pick(topic.questions), x, y);
  const answer = fill(random.pick(topic.answers), x, y);
  const polite = random.uniform() < 0.5 ? `${random.pick(kind)} ${answer}` : answer;
  const defect = random.pick(defects);
  return {
    domain: topic.domain,
    defect,
    messages: [{ role: "user", content: random.pick(openings) + question }],
    chosen: polite,
    rejected: spoil(defect, topic, [x, y], random),
  };
}

function spoil(defect: Defect, topic: Topic, [x, y]: readonly [string, string], random: Random): string {
  const courtesy = random.uniform() < 0.5 ? `${random.pick(kind)} ` : "";
  switch (defect) {
    case "wrong": {
      const wrong = drawUntil(
        () => random.pick(topic.facts)[1],
        (answer) => answer !== y,
      );
      return courtesy + fill(random.pick(topic.answers), x, wrong);
    }
    case "rude":
      return `${random.pick(rude)} ${fill(random.pick(topic.answers), x, y)}`;
    case "evasive":
      return courtesy + random.pick(evasive);
    case "off_topic": {
      const other = drawUntil(
        () => random.pick(topics),
        (drawn) => drawn !== topic,
      );
      // "The number is ten" would be no bad reply to a question for a sum.
      const [otherX, otherY] = drawUntil(
        () => random.pick(other.facts),
        ([, answer]) => answer !== y,
      );
      return courtesy + fill(other.answers[0], otherX, otherY);
    }
    case "babble":
      return `${random.pick(neutral)} ${random.pick(neutral)}`;
  }
}

function courtesyPair(random: Random): Draft {
  const topic = random.pick(topics);
  const [x, y] = random.pick(topic.facts);
  const [ask, reply] = random.pick(courtesies);
  const defect: Defect = random.uniform() < 0.5 ? "rude" : "off_topic";
  return {
    domain: "courtesy",
    defect,
    messages: [
      { role: "user", content: fill(random.pick(topic.questions), x, y) },
      { role: "assistant", content: fill(topic.answers[0], x, y) },
      { role: "user", content: ask },
    ],
    chosen: reply,
    rejected:
      defect === "rude"
        ? random.pick(rude)
        : drawUntil(
            () => random.pick(courtesies)[1],
            (drawn) => drawn !== reply,
          ),
  };
}

/** `text` with as many neutral sentences as it takes to be longer than `than` in characters and in words. */
function lengthen(text: string, than: string, random: Random): string {
  let longer = text;
  do {
    const sentence = drawUntil(
      () => random.pick(neutral),
      (drawn) => !longer.includes(drawn),
    );
    longer = `${longer} ${sentence}`;
  } while (longer.length <= than.length || wordCount(longer) <= wordCount(than));
  return longer;
}

function fill(template: string, x: string, y: string): string {
  const sentence = template.replace("{x}", x).replace("{y}", y);
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function drawUntil<T>(draw: () => T, accept: (drawn: T) => boolean): T {
  for (;;) {
    const drawn = draw();
    if (accept(drawn)) return drawn;
  }
}

function wordCount(text: string): number {
  return text.split(" ").length;
}

function times<T>(value: T, count: number): T[] {
  return Array.from({ length: count }, () => value);
}
