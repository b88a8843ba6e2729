"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { FigureName } from "@/app/components/figure";
import { inWords } from "@/app/components/question/in-words";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Field, Select, Textarea } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { useToast } from "@/app/components/ui/toast";
import { amount, counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { GoldRow } from "@/server/gold/schema";
import type { Rater } from "@/server/rater/schema";
import { UseField, useNames } from "./gold-use";

const sourceNames: Record<GoldRow["source"], string> = {
  manager: "stated by a manager or a program",
  adjudication: "adjudicated",
  rater: "a rater's",
};

/** All items with their answers; they are made of judgements that are there, and retired here. */
export function GoldItems({
  projectId,
  items,
  adjudications,
  raters,
}: {
  projectId: string;
  items: GoldRow[];
  adjudications: number;
  raters: Rater[];
}) {
  const say = useTranslations("question");
  const [action, setAction] = useState<"adopt" | GoldRow | null>(null);
  return (
    <Section
      title="Items"
      actions={
        <>
          <Button asChild>
            <Link href={`/projects/${projectId}/settings/known-answer`}>State an answer…</Link>
          </Button>
          <Button onClick={() => setAction("adopt")}>Make items…</Button>
        </>
      }
    >
      <p className="max-w-3xl text-sm text-muted">
        Whoever opens this page has seen the answers and gets none of these items at the desk.
      </p>
      {items.length === 0 ? (
        <p className="max-w-3xl text-sm">
          None yet. State the answer to a prompt yourself, or make items of what was adjudicated, or of the
          judgements of a rater whom you trust, such as one of an imported study. Programs state answers by
          the API.
        </p>
      ) : (
        <Table label="Items">
          <thead>
            <tr>
              <Th>Prompt</Th>
              <Th>Answer</Th>
              <Th>Use</Th>
              <Th numeric>
                <FigureName id="goldItemMet" />
              </Th>
              <Th numeric>
                <FigureName id="goldItem" />
              </Th>
              <Th>
                <span className="sr-only">Actions</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <Tr key={item.taskId}>
                <Td className="min-w-48 max-w-80">
                  <span dir="auto" className="line-clamp-2">
                    {item.excerpt}
                  </span>
                </Td>
                <Td className="min-w-56 max-w-96">
                  <span>{inWords(item.questions, item.answers, say)}</span>
                  <span dir="auto" className="block text-xs text-muted">
                    {item.reason} ({sourceNames[item.source]})
                  </span>
                </Td>
                <Td className="whitespace-nowrap">
                  {useNames[item.use]} {item.retiredAt && <Badge>retired</Badge>}
                </Td>
                <Td numeric>{amount(item.given)}</Td>
                <Td numeric>
                  {amount(item.right)} of {amount(item.answered)}
                </Td>
                <Td className="text-end">
                  <Button aria-label={`Retire the item: ${item.excerpt}`} onClick={() => setAction(item)}>
                    Retire…
                  </Button>
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
      {action === "adopt" && (
        <Adopt
          projectId={projectId}
          adjudications={adjudications}
          raters={raters}
          onClose={() => setAction(null)}
        />
      )}
      {action !== null && action !== "adopt" && (
        <Retire projectId={projectId} item={action} onClose={() => setAction(null)} />
      )}
    </Section>
  );
}

function Adopt({
  projectId,
  adjudications,
  raters,
  onClose,
}: {
  projectId: string;
  adjudications: number;
  raters: Rater[];
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const [from, setFrom] = useState("");
  const [use, setUse] = useState<GoldRow["use"]>("mixed");
  const [reason, setReason] = useState("");
  const adopt = useMutation(
    trpc.gold.adopt.mutationOptions({
      onSuccess: async ({ created, existing }) => {
        toast({
          title: `${counted(created, "item")} made${existing > 0 ? `; ${amount(existing)} were there` : ""}.`,
        });
        onClose();
        await client.invalidateQueries({ queryKey: trpc.gold.pathKey() });
      },
    }),
  );
  return (
    <FormDialog
      onOpenChange={(open) => !open && onClose()}
      title="Make items"
      description="The judged tasks stay as they are. An item is a copy that raters get who have not met its prompt."
      submit="Make items"
      busy={adopt.isPending}
      error={adopt.error}
      onSubmit={() => adopt.mutate({ projectId, use, reason, ...(from && { raterId: from }) })}
    >
      <Field label="Whose answers are right">
        {(control) => (
          <Select {...control} value={from} onChange={(event) => setFrom(event.target.value)}>
            <option value="">What was adjudicated ({amount(adjudications)})</option>
            {raters.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}: every judgement
              </option>
            ))}
          </Select>
        )}
      </Field>
      <UseField use={use} onUse={setUse} />
      <Field
        label="Reason"
        help="Raters who are told read it where the judgement gives no reason of its own."
      >
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
    </FormDialog>
  );
}

function Retire({ projectId, item, onClose }: { projectId: string; item: GoldRow; onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [wasWrong, setWrong] = useState(false);
  const retire = useMutation(
    trpc.gold.retire.mutationOptions({
      onSuccess: async () => {
        onClose();
        await client.invalidateQueries({ queryKey: trpc.gold.pathKey() });
      },
    }),
  );
  return (
    <FormDialog
      onOpenChange={(open) => !open && onClose()}
      title="Retire this item?"
      description="It is given out no more."
      submit="Retire"
      busy={retire.isPending}
      error={retire.error}
      onSubmit={() => retire.mutate({ projectId, taskId: item.taskId, wasWrong })}
    >
      <Field
        label="Its answer"
        help="Who was paused because of it is let go on by hand, on the page Quality."
      >
        {(control) => (
          <Select
            {...control}
            value={wasWrong ? "wrong" : "right"}
            onChange={(event) => setWrong(event.target.value === "wrong")}
          >
            <option value="right">is right: what was answered counts</option>
            <option value="wrong">was wrong: what was answered counts neither way</option>
          </Select>
        )}
      </Field>
    </FormDialog>
  );
}
