"use client";
import { createContext, useContext } from "react";

export const SaidContext = createContext<(english: string) => string>((english) => english);

/**
 * Says in the language of the page what the server, or a rule that it shares with the browser, says in English. What is
 * not known is shown as it came.
 */
export const useSaid = (): ((english: string) => string) => useContext(SaidContext);
