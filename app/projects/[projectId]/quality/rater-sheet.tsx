"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FigureName } from "@/app/components/figure";
import { Button } from "@/app/components/ui/button";
import { Sheet } from "@/app/components/ui/dialog";
import { Field, Textarea } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { When } from "@/app/components/ui/when";
import { amount, counted, percent } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { Quality } from "@/server/quality/schema";
import { TouchedWork } from "../people/touched-work";

/** What managers and reviewers note about a rater, and what depends on the rater's work, before somebody acts. */
export function RaterSheet({
  projectId,
  rater: { id: raterId, name },
  parts,
  onClose,
}: {
  projectId: string;
  rater: Quality["raters"][number];
  parts: Quality["parts"];
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [text, setText] = useState("");
  const options = trpc.rater.notes.queryOptions({ projectId, raterId });
  const notes = useQuery(options);
  const add = useMutation(
    trpc.rater.addNote.mutationOptions({
      onSuccess: () => {
        setText("");
        return client.invalidateQueries({ queryKey: options.queryKey });
      },
    }),
  );
  const judged = parts.flatMap(({ raters, ...part }) => {
    const own = raters.find((rater) => rater.raterId === raterId);
    return own ? [{ ...part, own: own.votes }] : [];
  });
  return (
    <Sheet open onOpenChange={(isOpen) => !isOpen && onClose()} title={name}>
      <div className="flex flex-col gap-6">
        <Section title={<FigureName id="qualityVotes">What depends on their work</FigureName>}>
          <p className="text-sm text-muted">
            Sending back, excluding or reopening takes votes out of every figure below, of the dashboard and
            of later dataset versions. Frozen versions, and the models trained on them, stay as they are.
          </p>
          <ul className="text-sm tabular">
            {judged.map(({ questionId, attribute, label, own, votes }) => (
              <li key={`${questionId} ${attribute}`}>
                <span className="text-muted">{label}</span> {amount(own)} of {counted(votes, "vote")} (
                {percent(own, votes)})
              </li>
            ))}
          </ul>
          <TouchedWork projectId={projectId} raterId={raterId} />
        </Section>
        <Section title="Notes">
          <p className="text-sm text-muted">
            Managers and reviewers of the project read them; {name} does not.
          </p>
          {notes.data?.length === 0 && <p className="text-sm text-muted">None yet.</p>}
          <ul className="flex flex-col divide-y">
            {notes.data?.map((note) => (
              <li key={note.id} className="py-2 text-sm">
                <p dir="auto" className="whitespace-pre-wrap break-words">
                  {note.text}
                </p>
                <p className="text-xs text-muted">
                  {note.by ?? "somebody"}, <When at={note.at} />
                </p>
              </li>
            ))}
          </ul>
          <form
            className="flex flex-col gap-2"
            onSubmit={(event) => {
              event.preventDefault();
              add.mutate({ projectId, raterId, text });
            }}
          >
            <Field label="Add a note" error={add.error?.message ?? notes.error?.message}>
              {(control) => (
                <Textarea
                  {...control}
                  required
                  maxLength={4000}
                  value={text}
                  onChange={(event) => setText(event.target.value)}
                />
              )}
            </Field>
            <Button type="submit" busy={add.isPending} className="self-end">
              Keep the note
            </Button>
          </form>
        </Section>
      </div>
    </Sheet>
  );
}
