import compile from "icu-minify/compile";
import { z } from "zod";
import type { Language } from "@/db/shape/language";
import { ar } from "../messages/ar";
import { de } from "../messages/de";
import { words as en } from "../messages/en";
import { es } from "../messages/es";
import { fr } from "../messages/fr";
import { hi } from "../messages/hi";
import { ja } from "../messages/ja";
import { sentences } from "../messages/said";
import { zh } from "../messages/zh";
import type { Pair } from "./sayer";
import type { Namespace, Tongue, Words } from "./types";

/** Every language but English. */
export const tongues: Readonly<Record<Exclude<Language, "en">, Tongue>> = { de, fr, es, ar, hi, zh, ja };

/** next-intl's types know a message as its text only; here stands what was compiled of it. */
const compiledSchema = z.custom<Words>((value) => typeof value === "object");

const compiled = new Map<Language, Words>();

/** Everything that is said in a language, compiled once. */
export function compiledWords(language: Language): Words {
  const known = compiled.get(language);
  if (known) return known;
  const own = compiledSchema.parse(compileAll(language === "en" ? en : tongues[language].words));
  compiled.set(language, own);
  return own;
}

/** The words that a page's program says. */
export function pickedWords(language: Language, namespaces: readonly Namespace[]): Partial<Words> {
  const all = compiledWords(language);
  return Object.fromEntries(namespaces.map((namespace) => [namespace, all[namespace]]));
}

/** What the server says in English, with the same in another language; nothing for English. */
export function saidIn(language: Language): readonly Pair[] | undefined {
  if (language === "en") return undefined;
  const { said } = tongues[language];
  return sentences.map((english) => [english, said[english]]);
}

function compileAll(messages: object): object {
  return Object.fromEntries(
    Object.entries(messages).map(([key, value]) => [
      key,
      // Cloned, because the compiler makes objects without a prototype, which the server sends to no component.
      typeof value === "string" ? structuredClone(compile(value)) : compileAll(value),
    ]),
  );
}
