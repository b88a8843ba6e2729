"use client";
import { createContext, type ReactNode, use, useState } from "react";
import { Field, Input } from "@/app/components/ui/field";

/** The token that requests of this page carry: kept in its memory, and nowhere else. */
const Token = createContext("");
export const useToken = () => use(Token);

/** Asks once, for the whole page, as whom requests are sent. */
export function TokenField({ name, children }: { name: string | null; children: ReactNode }) {
  const [token, setToken] = useState("");
  return (
    <Token value={token.trim()}>
      <Field
        label="API token"
        help={
          name === null
            ? "You are not signed in: requests need a token. It is kept in this page only."
            : `Without one, requests are sent as ${name}, with your session. It is kept in this page only.`
        }
      >
        {(control) => (
          <Input
            {...control}
            type="password"
            autoComplete="off"
            spellCheck={false}
            placeholder="concord_…"
            className="max-w-md"
            value={token}
            onChange={(event) => setToken(event.target.value)}
          />
        )}
      </Field>
      {children}
    </Token>
  );
}
