import { cookies, headers } from "next/headers";
import { getRequestConfig } from "next-intl/server";
import { cache } from "react";
import { ownHabits, requestContext } from "@/app/trpc/server";
import type { Language } from "@/db/shape/language";
import { compiledWords, saidIn } from "./catalogue";
import { LANGUAGE_COOKIE, languageFrom, spoken } from "./languages";
import { sayer } from "./sayer";

/** The language of the page that is being made. */
export const requestLanguage = cache(async (): Promise<Language> => {
  const [person, jar, asked] = await Promise.all([chosen(), cookies(), headers()]);
  return languageFrom({
    person,
    cookie: jar.get(LANGUAGE_COOKIE)?.value,
    accepted: asked.get("accept-language"),
  });
});

async function chosen(): Promise<Language | null> {
  try {
    const { viewer } = await requestContext();
    return viewer && (await ownHabits()).language;
  } catch {
    // A page that says that the database is away says so in the browser's language.
    return null;
  }
}

/** What the rules say in English, in the language of the page that is being made. */
export const saidHere = async () => sayer(saidIn(await requestLanguage()) ?? []);

export default getRequestConfig(async () => {
  const language = await requestLanguage();
  return { locale: spoken[language].locale, messages: compiledWords(language) };
});
