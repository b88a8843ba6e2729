import type { words } from "../messages/en";
import type { Said } from "../messages/said";

export type Words = typeof words;
/** A group of messages: what is sent to a page. */
export type Namespace = keyof Words;

declare module "next-intl" {
  interface AppConfig {
    Messages: Words;
  }
}

/** The same messages in another language. */
export type Translated<T> = { readonly [K in keyof T]: T[K] extends string ? string : Translated<T[K]> };

/** A language other than English: its words, and what the server says in English. */
export interface Tongue {
  words: Translated<Words>;
  said: Readonly<Record<Said, string>>;
}
