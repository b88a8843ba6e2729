"use client";
import { NextIntlClientProvider } from "next-intl";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import { SaidContext } from "./said";
import { type Pair, sayer } from "./sayer";
import type { Words } from "./types";

const Above = createContext<Partial<Words>>({});

/** Gives the components inside the words they say, beside those that came from further out. */
export function Speak({
  locale,
  words,
  said,
  children,
}: {
  locale: string;
  words: Partial<Words>;
  /** What the server says, in the language of the page; absent where it is English, or nothing is asked of the server. */
  said?: readonly Pair[];
  children: ReactNode;
}) {
  const above = useContext(Above);
  const all = useMemo(() => ({ ...above, ...words }), [above, words]);
  const further = useContext(SaidContext);
  const say = useMemo(() => (said ? sayer(said) : further), [said, further]);
  return (
    <Above value={all}>
      <SaidContext value={say}>
        {/* Without a time zone, so that times are those of whoever looks. */}
        <NextIntlClientProvider locale={locale} messages={all} onError={tell}>
          {children}
        </NextIntlClientProvider>
      </SaidContext>
    </Above>
  );
}

function tell(error: Error & { code?: string }): void {
  if (error.code !== "ENVIRONMENT_FALLBACK") console.error(error);
}
