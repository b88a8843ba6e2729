import { lookOf } from "../columns";
import { isNumber } from "../mapping/when";
import type { ColumnMapping, ColumnUse, MappablePlace, When } from "../schema";

type Look = NonNullable<ColumnUse["looksLike"]>;
type Places = readonly MappablePlace[];

/** The order in which places are given a meaning: what a verdict means depends on how many replies there are. */
const order: readonly Look[] = ["prompt", "reply", "verdict", "score", "rater"];

/** Facts by the end of their name. */
const facts: readonly (readonly [
  name: "language" | "domain" | "externalId" | "time" | "rationale",
  pattern: RegExp,
])[] = [
  ["language", /(^|[._])(lang|language|locale)$/i],
  ["domain", /(^|[._])(domain|category|topic|subject)$/i],
  [
    "externalId",
    /^(id|uuid|uid|(.*[._])?(prompt|question|conversation|item|example|instance|post|task|utterance)_id)$/i,
  ],
  ["time", /(^|[._])(time|timestamp|tstamp|date|created_at|submitted_at|annotated_at)$/i],
  ["rationale", /(^|[._])(rationale|reason|reasoning|explanation|justification|comment|why)$/i],
];

/** A first mapping from names and values, to be corrected by a person. Null for rows without a text. */
export function guessMapping(places: Places): ColumnMapping | null {
  const first = places.find(
    ({ kind, path }) => (kind === "text" || kind === "conversation") && !isOfMany(path),
  );
  if (!first) return null;
  let mapping = emptyMapping();
  for (const wanted of order) {
    for (const place of places)
      if (isLeaf(place) && lookOfPlace(place) === wanted && !isWithin(place, mapping))
        mapping = withPlace(mapping, wanted, place, places);
    if (wanted === "reply" && mapping.responses.length === 0) {
      const texts = places.find(({ path }) => /\[\*\]\.(text|content|output|body)$/i.test(path));
      mapping = texts ? withReply(mapping, texts, places) : withLastTurn(mapping, places);
    }
  }
  for (const [name, pattern] of facts) {
    // Of judgements in a list, each has its own time and reason; nothing else of a row is one of many.
    const list = name === "time" || name === "rationale" ? listIn(mapping.preference?.column) : null;
    const found = places.find(
      ({ path, ...place }) =>
        isLeaf({ path, ...place }) && (!isOfMany(path) || listIn(path) === list) && pattern.test(path),
    );
    if (found && !isWithin(found, mapping)) mapping = { ...mapping, [name]: found.path };
  }
  return mapping.prompt === "" ? { ...mapping, prompt: `{{${first.path}}}` } : mapping;
}

/** What a place looks like by its own name; a text without a name of its own, by what it lies in. */
function lookOfPlace({ path, kind, values }: MappablePlace): Look | null {
  const example = kind === "number" ? Number(values[0] ?? 0) : (values[0] ?? "a text");
  const dot = path.lastIndexOf(".");
  if (/(sha\d*|md5|hash)$/i.test(path)) return null;
  if (dot < 0) return lookOf(path, example);
  const name = path.slice(dot + 1);
  const isNameless = /^(text|content|value|message|selection|selected)$/.test(name);
  return lookOf(isNameless ? path.slice(0, dot) : name, example) ?? lookOf(name, example);
}

const isOfMany = (path: string): boolean => path.includes("[*]");

/** `annotations` of `annotations[*].winner`; null of what lies in no list. */
const listIn = (path: string | undefined): string | null =>
  path?.includes("[*]") ? path.slice(0, path.indexOf("[*]")) : null;

/** The mapping that also takes what looks like a reply, a verdict and so on: as far as its meaning can be guessed. */
export function withPlace(
  mapping: ColumnMapping,
  look: Look,
  place: MappablePlace,
  places: Places,
): ColumnMapping {
  switch (look) {
    case "prompt":
      return withPrompt(mapping, place, places);
    case "reply":
      return withReply(mapping, place, places);
    case "verdict":
      return withVerdict(mapping, place, places);
    case "score":
      return withScore(mapping, place);
    case "rater":
      return mapping.rater === undefined ? { ...mapping, rater: place.path } : mapping;
  }
}

/** The column itself, or the first place within it that holds a value. */
export const placeIn = (column: string, places: Places): MappablePlace | undefined =>
  places.find(
    (place) =>
      isLeaf(place) &&
      (place.path === column ||
        (place.path.startsWith(column) && ".[".includes(place.path.charAt(column.length)))),
  );

const emptyMapping = (): ColumnMapping => ({
  prompt: "",
  responses: [],
  ratings: [],
  choices: [],
  raterKind: "person",
});

const isLeaf = ({ kind, path }: MappablePlace): boolean =>
  kind !== "object" &&
  !(kind === "list" && !path.includes("[*]")) &&
  kind !== "turn" &&
  !path.endsWith("[:-1]");

/** Whether the mapping reads the place already, or what it lies in. */
function isWithin({ path }: MappablePlace, { prompt, responses, system }: ColumnMapping): boolean {
  const read = [...responses.map(({ column }) => column), ...(system ? [system] : [])];
  return (
    read.some((column) => path === column || path.startsWith(`${column}.`)) || prompt.includes(`{{${path}}}`)
  );
}

function withPrompt(mapping: ColumnMapping, place: MappablePlace, places: Places): ColumnMapping {
  const { path, kind } = place;
  // Two whole conversations, side by side, are two replies to what they share.
  if (kind === "conversation" && endOf(path) !== "") return withReply(mapping, place, places);
  if (isOfMany(path)) return mapping;
  if (/(^|[._])system/i.test(path)) return { ...mapping, system: path };
  if (mapping.prompt === "") return { ...mapping, prompt: `{{${path}}}` };
  // A conversation stands alone.
  if (kind === "conversation" || mapping.prompt.includes("[:-1]")) return mapping;
  return { ...mapping, prompt: `${mapping.prompt}\n\n{{${path}}}` };
}

/** A conversation that ends with a reply, where no other column holds one. */
function withLastTurn(mapping: ColumnMapping, places: Places): ColumnMapping {
  const whole = /^\{\{([^{}]+)\}\}$/.exec(mapping.prompt)?.[1];
  const last = places.find(({ path }) => path === `${whole}[-1]`);
  if (whole === undefined || mapping.responses.length > 0 || !last?.values.includes("assistant"))
    return mapping;
  return { ...mapping, prompt: `{{${whole}[:-1]}}`, responses: [{ column: last.path }] };
}

function withReply(mapping: ColumnMapping, { path, kind }: MappablePlace, places: Places): ColumnMapping {
  // A list of replies is all of them, or it lies beside them.
  if (
    mapping.responses.length > 0 &&
    (isOfMany(path) || mapping.responses.some(({ column }) => isOfMany(column)))
  )
    return mapping;
  // A whole conversation is the prompt up to its last turn, which is the reply.
  const column = kind === "conversation" ? `${path}[-1]` : path;
  const prompt = kind === "conversation" && mapping.prompt === "" ? `{{${path}[:-1]}}` : mapping.prompt;
  const sourceColumn = places.find((place) => isWriterOf(place.path, path))?.path;
  const response = { column, ...(sourceColumn === undefined ? {} : { sourceColumn }) };
  return { ...mapping, prompt, responses: [...mapping.responses, response].slice(0, 26) };
}

const writer = /(model|generator|source|policy|author)/i;

/** `model_a` beside `response_a`, `replies[*].model` beside `replies[*].text`. */
function isWriterOf(path: string, reply: string): boolean {
  if (!writer.test(path) || path === reply) return false;
  const list = reply.lastIndexOf("[*].");
  if (list >= 0) return path.startsWith(reply.slice(0, list + 4)) && !path.slice(list + 4).includes(".");
  return endOf(path) !== "" && endOf(path) === endOf(reply);
}

/** `a` of `response_a`, `1` of `answer1`, `rejected` of `score_rejected`. */
const endOf = (path: string): string =>
  (/(?:^|[_\-. ])(a|b|c|d|chosen|rejected|left|right|first|second)$|(\d+)$/i.exec(path)?.[0] ?? "")
    .replace(/^[_\-. ]/, "")
    .toLowerCase();

const outcomes = {
  first:
    /^(a|1|first|left|(model|response|answer|output|assistant)[_ ]?(a|1))$|^chosen$|\ba\b.*(better|win)/i,
  second:
    /^(b|2|second|right|(model|response|answer|output|assistant)[_ ]?(b|2))$|^rejected$|\bb\b.*(better|win)/i,
  bothBad: /both[ _-]?(are[ _-]?)?bad|bothbad|neither/i,
  tie: /^(tie|tied|draw|equal|same|both)|about the same/i,
} as const;

function withVerdict(mapping: ColumnMapping, place: MappablePlace, places: Places): ColumnMapping {
  const { values, kind } = place;
  const { responses } = mapping;
  if (values.length === 0 || mapping.preference || mapping.ranking) return mapping;
  if (responses.length > 2 || responses.some(({ column }) => isOfMany(column)))
    return { ...mapping, ranking: { columns: [place.path], as: kind === "number" ? "ranks" : "order" } };
  // A label is the row's: of several in a list, the first is read.
  if (responses.length === 1)
    return withLabel(mapping, { ...place, path: place.path.replaceAll("[*]", "[0]") });
  if (responses.length !== 2) return mapping;
  return { ...mapping, preference: { column: place.path, ...outcomesOf(values, mapping, places) } };
}

function outcomesOf(values: readonly string[], mapping: ColumnMapping, places: Places) {
  if (values.length > 0 && values.every(isNumber) && values.some((value) => Number(value) < 0))
    return { first: "< 0", second: "> 0", tie: "0" };
  const writers = mapping.responses.map(({ sourceColumn }) => sourceColumn);
  const names = places.filter(({ path }) => writers.includes(path)).flatMap((place) => place.values);
  if (writers.every((column) => column !== undefined) && values.some((value) => names.includes(value)))
    return { first: `{{${writers[0]}}}`, second: `{{${writers[1]}}}`, ...neither(values) };
  if (values.includes("0") && values.includes("1") && !values.includes("2"))
    return { first: "0", second: "1" };
  const of = (pattern: RegExp): When | undefined => {
    const found = values.filter((value) => pattern.test(value));
    return found.length > 1 ? found : found[0];
  };
  const first = of(outcomes.first);
  const second = of(outcomes.second);
  const known = { ...neither(values) };
  const left = values.filter((value) => ![first, second, known.tie, known.bothBad].flat().includes(value));
  const one = first ?? left.shift() ?? twinOf(second, "a");
  return { first: one, second: second ?? left.shift() ?? twinOf(one, "b"), ...known };
}

const twins = [
  ["a", "b"],
  ["A", "B"],
  ["1", "2"],
  ["left", "right"],
  ["first", "second"],
] as const;

/** `model_b` for `model_a` and the other way round, where the first rows never say it. */
function twinOf(when: When | undefined, standard: string): string {
  const known = String([when ?? ""].flat()[0]);
  for (const [one, other] of twins) {
    if (known.endsWith(one)) return known.slice(0, -one.length) + other;
    if (known.endsWith(other)) return known.slice(0, -other.length) + one;
  }
  return standard;
}

/** A tie is never the both-bad one, whose name often begins with it. */
function neither(values: readonly string[]): { tie?: string; bothBad?: string } {
  const bothBad = values.find((value) => outcomes.bothBad.test(value));
  const tie = values.find((value) => value !== bothBad && outcomes.tie.test(value));
  return { ...(tie === undefined ? {} : { tie }), ...(bothBad === undefined ? {} : { bothBad }) };
}

const good = /^(true|1|good|yes|desirable|up|thumbs[_ ]?up|accept(ed)?|positive)$/i;

/** Whether the one reply is good, as KTO asks it. */
function withLabel(mapping: ColumnMapping, { path, values }: MappablePlace): ColumnMapping {
  const isGood = values.filter((value) => good.test(value));
  const isBad = values.filter((value) => !good.test(value));
  if (values.length > 4 || mapping.choices.length > 0) return mapping;
  const options = [
    { value: "good", when: isGood.length > 0 ? isGood : ["true", "1"] },
    { value: "bad", when: isBad.length > 0 ? isBad : ["false", "0"] },
  ];
  const label = "Is the response good?";
  return {
    ...mapping,
    choices: [{ id: "label", label, per: "response", multiple: false, columns: [path], options }],
  };
}

/** Whole numbers are ratings; other numbers of several replies rank them. */
function withScore(mapping: ColumnMapping, { path, values }: MappablePlace): ColumnMapping {
  const numbers = values.map(Number);
  if (values.length === 0 || !values.every(isNumber)) return mapping;
  const isList = isOfMany(path);
  const list = mapping.responses.find(({ column }) => isOfMany(column))?.column.split("[*]")[0];
  if (isList && (list === undefined || (path.split("[*]")[0] !== list && /\[\*\]./.test(path))))
    return mapping;
  if (!numbers.every((value) => Number.isInteger(value) && value >= 0 && value <= 100))
    return isList && !mapping.ranking && !mapping.preference
      ? { ...mapping, ranking: { columns: [path], as: "scores" } }
      : mapping;
  const side = endOf(path);
  const stem = isList || side === "" ? path : path.slice(0, -side.length).replace(/[_\-. ]$/, "");
  const id = idOf(stem);
  const [rating] = mapping.ratings;
  const known = rating?.attributes.find((attribute) => attribute.id === id);
  // A score of the row as a whole is none of its replies', unless it has one reply.
  if (!isList && side === "" && (mapping.responses.length !== 1 || list !== undefined)) return mapping;
  const attributes = known
    ? (rating?.attributes.map((one) =>
        one === known ? { ...one, columns: [...one.columns, path].slice(0, 26) } : one,
      ) ?? [])
    : [...(rating?.attributes ?? []), { id, columns: [path] }].slice(0, 12);
  const min = Math.min(...numbers, rating?.min ?? 1);
  const max = Math.max(...numbers, rating?.max ?? 5);
  const { id: question = "ratings", per = "response" } = rating ?? {};
  return { ...mapping, ratings: [{ id: question, per, min, max, attributes }, ...mapping.ratings.slice(1)] };
}

/** `helpfulness` for `completions[*].annotations.helpfulness.rating`. */
function idOf(path: string): string {
  const keys = path.split(/\[\*\]\.?|\./).filter((key) => key !== "");
  const last = keys.at(-1) ?? "";
  const own = /^(rating|score|value|grade)$/i.test(last) && keys.length > 2 ? (keys.at(-2) ?? last) : last;
  const id = own
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "");
  return id.slice(0, 40) || "score";
}
