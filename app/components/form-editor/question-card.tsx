"use client";
import { ArrowDown, ArrowUp, ChevronDown, ChevronRight, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Question } from "@/server/form/schema";
import { componentOf } from "../question";
import { Badge } from "../ui/badge";
import { IconButton } from "../ui/button";
import { cn } from "../ui/cn";
import { Field, Input } from "../ui/field";
import { Toggle } from "./controls";

export interface FieldProblem {
  field: string;
  message: string;
}

/** One question of the form: its wording, and what its type allows. */
export function QuestionCard({
  question,
  isNew,
  problems,
  isFirst,
  isLast,
  onChange,
  onMove,
  onRemove,
}: {
  question: Question;
  /** Not saved yet: its id may still change. */
  isNew: boolean;
  problems: readonly FieldProblem[];
  isFirst: boolean;
  isLast: boolean;
  onChange: (question: Question) => void;
  onMove: (by: number) => void;
  onRemove: () => void;
}) {
  const { Settings } = componentOf(question.type);
  const [isOpen, setOpen] = useState(isNew);
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  const problemOf = (field: string) => problems.find((problem) => problem.field === field)?.message;
  const others = problems.filter(({ field }) => field !== "label" && field !== "id");
  return (
    <li className={cn("rounded-lg border bg-surface", problems.length > 0 && "border-bad")}>
      <header className="flex items-center gap-1 px-2 py-1.5">
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
          className="touch-target flex min-w-0 flex-1 items-center gap-2 rounded-sm text-start text-sm"
        >
          <Chevron aria-hidden="true" className="size-4 shrink-0 text-muted rtl:-scale-x-100" />
          <span className="min-w-0 flex-1 truncate font-medium">{question.label || "(no wording yet)"}</span>
          <Badge>{componentOf(question.type).name}</Badge>
        </button>
        <IconButton label="Move up" disabled={isFirst} onClick={() => onMove(-1)}>
          <ArrowUp />
        </IconButton>
        <IconButton label="Move down" disabled={isLast} onClick={() => onMove(1)}>
          <ArrowDown />
        </IconButton>
        <IconButton label={`Remove “${question.label}”`} onClick={onRemove}>
          <Trash2 />
        </IconButton>
      </header>
      {isOpen && (
        <div className="flex flex-col gap-4 border-t px-4 py-3">
          <Field label="Wording" error={problemOf("label")}>
            {(control) => (
              <Input
                {...control}
                dir="auto"
                value={question.label}
                onChange={(event) => onChange({ ...question, label: event.target.value })}
              />
            )}
          </Field>
          <Field label="Help beside it" optional>
            {(control) => (
              <Input
                {...control}
                dir="auto"
                value={question.help}
                onChange={(event) => onChange({ ...question, help: event.target.value })}
              />
            )}
          </Field>
          <Field
            label="Id"
            help={isNew ? "Answers are stored under it for ever." : "Answers are stored under it; it stays."}
            error={problemOf("id")}
          >
            {(control) => (
              <Input
                {...control}
                disabled={!isNew}
                value={question.id}
                onChange={(event) => onChange({ ...question, id: event.target.value })}
                className="font-mono text-sm"
              />
            )}
          </Field>
          <Toggle
            label="An answer is required"
            value={question.required}
            onChange={(required) => onChange({ ...question, required })}
          />
          <Settings question={question} onChange={onChange} />
          {others.length > 0 && (
            <ul role="alert" className="text-sm text-bad">
              {others.map(({ field, message }) => (
                <li key={`${field} ${message}`}>
                  {field}: {message}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </li>
  );
}
