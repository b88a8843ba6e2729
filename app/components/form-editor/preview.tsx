"use client";
import { useState } from "react";
import { isAsked, type Question } from "@/server/form/schema";
import { Desk } from "../desk/desk";
import { OwnKeyboard } from "../desk/keys";
import { Badge } from "../ui/badge";
import { Segmented } from "../ui/segmented";

export interface Instructions {
  skipInstructions: string;
  flagInstructions: string;
}

const prompt = {
  messages: [{ role: "user" as const, content: "My sourdough is always dense. What am I doing wrong?" }],
  tools: null,
  language: "en",
  domain: "cooking",
};

const responses = [
  {
    content:
      "Most often it is **under-proofed**. Let the dough rise until it has grown by half and jiggles; in a cool kitchen that takes 8 hours or more.\n\n1. Feed the starter until it doubles within 6 hours.\n2. Poke the dough: a dent that comes back slowly is ready.",
  },
  { content: "Use more yeast and bake it hotter. Dense bread comes from too little heat." },
  { content: "There are many possible reasons. Bread is a complex topic, and results may vary." },
  { content: "Try another recipe." },
];

const counts = ["2", "3", "4", "0"] as const;

/** A task of the form on the real desk: every key and control works, and nothing is sent. */
export function Preview({
  questions,
  instructions,
}: {
  questions: readonly Question[];
  instructions: Instructions;
}) {
  const [count, setCount] = useState<(typeof counts)[number]>("2");
  const [done, setDone] = useState(0);
  const k = Number(count);
  const asked = questions.filter((question) => isAsked(question, k, questions)).length;
  return (
    <section aria-label="Preview of the desk" className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-3 border-b bg-sunken px-4 py-1.5 text-sm">
        <span className="font-medium">Preview</span>
        <Segmented
          label="Responses of the task"
          value={count}
          onChange={setCount}
          options={counts.map((value) => ({
            value,
            label: value === "0" ? "prompt only" : `${value} responses`,
          }))}
        />
        <span className="text-xs text-muted">
          {asked} of {questions.length} questions are asked. Click inside to use the keys.
        </span>
      </div>
      <div className="min-h-0 flex-1">
        <OwnKeyboard>
          <Desk
            // Another form, or another task of it, begins anew.
            key={`${count} ${done} ${JSON.stringify(questions)}`}
            task={{ prompt, responses: responses.slice(0, k), questions, returnComment: null }}
            guidelines={null}
            skipInstructions={instructions.skipInstructions}
            flagInstructions={instructions.flagInstructions}
            keys="inside"
            title={<Badge tone="accent">nothing is sent</Badge>}
            onSubmit={() => setDone((number) => number + 1)}
            onSkip={() => setDone((number) => number + 1)}
          />
        </OwnKeyboard>
      </div>
    </section>
  );
}
