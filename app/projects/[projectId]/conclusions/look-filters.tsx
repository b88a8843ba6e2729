"use client";
import { Field, Select } from "@/app/components/ui/field";
import { counted } from "@/app/components/units";
import type { Leaderboard } from "@/server/conclusion/schema";
import type { LookAddress } from "./address";

/** Which votes: one question, and perhaps one language or domain. Questions are never added up. */
export function LookFilters({
  board,
  look,
  onChange,
}: {
  board: Pick<Leaderboard, "question" | "questions" | "languages" | "domains">;
  look: LookAddress;
  onChange: (patch: Partial<Record<keyof LookAddress, string | null>>) => void;
}) {
  const parts = [
    { name: "language", label: "Language", all: "All languages", values: board.languages },
    { name: "domain", label: "Domain", all: "All domains", values: board.domains },
  ] as const;
  return (
    <div className="flex flex-wrap gap-3">
      <Field label="Question" className="min-w-48 max-w-96">
        {(control) => (
          <Select
            {...control}
            value={board.question?.id ?? ""}
            onChange={(event) => onChange({ questionId: event.target.value })}
          >
            {board.questions.map(({ id, label, votes }) => (
              <option key={id} value={id}>
                {label} ({counted(votes, "vote")})
              </option>
            ))}
          </Select>
        )}
      </Field>
      {parts.map(({ name, label, all, values }) =>
        values.length > 0 ? (
          <Field key={name} label={label} className="min-w-32">
            {(control) => (
              <Select
                {...control}
                value={look[name] ?? ""}
                onChange={(event) => onChange({ [name]: event.target.value || null })}
              >
                <option value="">{all}</option>
                {values.map(({ value, votes }) => (
                  <option key={value} value={value}>
                    {value} ({counted(votes, "vote")})
                  </option>
                ))}
              </Select>
            )}
          </Field>
        ) : null,
      )}
    </div>
  );
}
