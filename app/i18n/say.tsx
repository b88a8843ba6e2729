import type { ReactNode } from "react";
import { pickedWords, saidIn } from "./catalogue";
import { spoken } from "./languages";
import { requestLanguage } from "./request";
import { Speak } from "./speak";
import type { Namespace } from "./types";

/**
 * Sends the browser the words of a page, in the language of whoever looks, and no others.
 * @param said whether the page shows what the server says of a request, too
 */
export async function Say({
  words,
  said = false,
  children,
}: {
  words: readonly Namespace[];
  said?: boolean;
  children: ReactNode;
}) {
  const language = await requestLanguage();
  return (
    <Speak
      locale={spoken[language].locale}
      words={pickedWords(language, words)}
      said={said ? saidIn(language) : undefined}
    >
      {children}
    </Speak>
  );
}
