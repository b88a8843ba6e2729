"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { inferRouterOutputs } from "@trpc/server";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Desk } from "@/app/components/desk/desk";
import type { Draft } from "@/app/components/desk/draft";
import { inWords } from "@/app/components/question/in-words";
import { letterOf } from "@/app/components/question/target";
import { Badge } from "@/app/components/ui/badge";
import { Checkbox, Field, NumberInput, Textarea } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useToast } from "@/app/components/ui/toast";
import { useTRPC } from "@/app/trpc/client";
import { type Answers, kindOf, type Question } from "@/server/form/schema";
import type { GoldRow } from "@/server/gold/schema";
import type { AppRouter } from "@/server/root";
import { UseField } from "../gold-use";

type Detail = inferRouterOutputs<AppRouter>["content"]["prompt"];
type Response = Detail["responses"][number];

/** Whether a rating of the question may be near the known one and still be right. */
const isOfPoints = (question: Question): boolean =>
  kindOf(question.type)
    .scales(question)
    .some(({ by }) => by === "points");

/** The desk that raters have, for the answer; then what the item is for, and why that is the answer. */
export function Stating({
  projectId,
  prompt,
  responses,
  chosen,
  questions,
  guidelines,
  back,
  onChoose,
  onLeave,
}: {
  projectId: string;
  prompt: Detail["prompt"];
  /** All of the prompt. */
  responses: readonly Response[];
  /** Those that raters will see; the item's order is theirs. */
  chosen: readonly Response[];
  questions: readonly Question[];
  guidelines: string | null;
  back: string;
  onChoose: (responseIds: string[]) => void;
  onLeave: () => void;
}) {
  const [stated, setStated] = useState<Answers | null>(null);
  // Whoever closes the dialog goes on where they were.
  const [attempt, setAttempt] = useState<{ number: number; draft?: Draft }>({ number: 0 });
  return (
    <>
      <Desk
        key={attempt.number}
        task={{ prompt, responses: chosen, questions, returnComment: null }}
        guidelines={guidelines}
        skipInstructions="Goes back to the prompts, and makes no item."
        flagInstructions="Stands as the reason of the answer."
        title={
          <span className="flex items-center gap-2 text-sm">
            <Link href={back} className="text-muted hover:underline max-md:sr-only">
              Known answers
            </Link>
            <span className="font-medium">State the answer</span>
          </span>
        }
        status={<Badge tone="accent">no vote</Badge>}
        remarks={
          responses.length > 0 && (
            <fieldset className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b bg-sunken px-4 py-1.5 text-sm md:px-5">
              <legend className="sr-only">Responses of the item</legend>
              <span aria-hidden="true" className="text-muted">
                Responses of the item
              </span>
              {responses.map((response, index) => {
                const isIn = chosen.includes(response);
                const ids = chosen.map(({ id }) => id);
                return (
                  // biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside
                  <label key={response.id} className="flex items-center gap-1.5">
                    <Checkbox
                      checked={isIn}
                      // An item has one response at least.
                      disabled={isIn && ids.length === 1}
                      onCheckedChange={() =>
                        onChoose(isIn ? ids.filter((id) => id !== response.id) : [...ids, response.id])
                      }
                    />
                    {index + 1}
                    {response.source && <bdi className="text-xs text-muted">{response.source}</bdi>}
                    {isIn && (
                      <span className="text-xs text-muted">
                        shown as {letterOf(ids.indexOf(response.id))}
                      </span>
                    )}
                  </label>
                );
              })}
            </fieldset>
          )
        }
        saved={attempt.draft}
        onSubmit={(answers, draft) => {
          setStated(answers);
          setAttempt(({ number }) => ({ number, draft }));
        }}
        onSkip={onLeave}
      />
      {stated && (
        <Make
          projectId={projectId}
          promptId={prompt.id}
          responseIds={chosen.map(({ id }) => id)}
          questions={questions}
          answers={stated}
          reason={attempt.draft?.flagReason ?? ""}
          onClose={() => {
            setStated(null);
            setAttempt(({ number, draft }) => ({ number: number + 1, draft }));
          }}
          onMade={onLeave}
        />
      )}
    </>
  );
}

function Make({
  projectId,
  promptId,
  responseIds,
  questions,
  answers,
  reason: noted,
  onClose,
  onMade,
}: {
  projectId: string;
  promptId: string;
  responseIds: string[];
  questions: readonly Question[];
  answers: Answers;
  reason: string;
  onClose: () => void;
  onMade: () => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const say = useTranslations("question");
  const [use, setUse] = useState<GoldRow["use"]>("mixed");
  const [reason, setReason] = useState(noted);
  const [tolerance, setTolerance] = useState(0);
  const rates = questions.some((question) => answers[question.id] && isOfPoints(question));
  const create = useMutation(
    trpc.gold.create.mutationOptions({
      onSuccess: async ({ existing }) => {
        toast(
          existing > 0
            ? { title: "These responses have a known answer already. It was left as it is.", tone: "bad" }
            : { title: "The item is made." },
        );
        onMade();
        await client.invalidateQueries({ queryKey: trpc.gold.pathKey() });
      },
    }),
  );
  const words = inWords(questions, answers, say);
  return (
    <FormDialog
      onOpenChange={(open) => !open && onClose()}
      title="Make it a known answer?"
      description={
        words ? (
          <>
            The answer: <bdi>{words}</bdi>. Questions that you left open are not compared.
          </>
        ) : (
          "No question is answered yet: go back and answer one at least."
        )
      }
      submit="Make the item"
      busy={create.isPending}
      disabled={!words}
      error={create.error}
      onSubmit={() =>
        create.mutate({
          projectId,
          items: [{ promptId, responseIds, answers, reason, use, ...(rates && { tolerance }) }],
        })
      }
    >
      <Field label="Reason" help="Why this is the answer. Raters who are told read it.">
        {(control) => (
          <Textarea
            {...control}
            required
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
      <UseField use={use} onUse={setUse} />
      {rates && (
        <Field
          label="Points that a rating may differ"
          help="0: only the same rating is right. It holds for every rating of the item."
        >
          {(control) => (
            <NumberInput
              {...control}
              required
              min={0}
              max={10}
              className="max-w-32"
              value={tolerance}
              onNumber={setTolerance}
            />
          )}
        </Field>
      )}
    </FormDialog>
  );
}
