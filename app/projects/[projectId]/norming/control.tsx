"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Checkbox, Field, Input, NumberInput, Select } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useToast } from "@/app/components/ui/toast";
import { counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { normingSets } from "@/db/shape/norming";
import type { ShownNorming } from "@/server/norming/schema";

/** An instant of the viewer's clock, as the input writes it. */
const instantOf = (local: string) => (local ? new Date(local).toISOString() : undefined);

/** When a round ends. */
function Until({
  help,
  value,
  onChange,
}: {
  help: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <Field label="Until" help={help}>
      {(control) => (
        <Input
          {...control}
          type="datetime-local"
          value={value}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  );
}

/** Draws items and has every annotator judge them first. */
export function StartDialog({ projectId, onClose }: { projectId: string; onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const members = useQuery(trpc.member.list.queryOptions({ projectId }));
  const [count, setCount] = useState(12);
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  const [due, setDue] = useState("");
  const [holds, setHolds] = useState("hold");
  const personIds =
    chosen ?? (members.data ?? []).flatMap(({ personId, role }) => (role === "annotator" ? [personId] : []));
  const start = useMutation(
    trpc.norming.start.mutationOptions({
      onSuccess: async ({ items, raters, withdrawn }) => {
        toast({
          title: `${counted(items, "task")} for ${counted(raters, "rater")}${
            withdrawn > 0 ? `; ${counted(withdrawn, "other task")} on the same prompts withdrawn` : ""
          }.`,
        });
        onClose();
        await client.invalidateQueries({ queryKey: trpc.norming.pathKey() });
      },
    }),
  );
  return (
    <FormDialog
      onOpenChange={(open) => !open && onClose()}
      title="Begin a norming"
      description="Tasks that nobody has begun are drawn by chance and taken out of the work: what raters talk about they judge no more. All of them get these before their other tasks, and see no answer of others until all are done."
      submit="Begin"
      busy={start.isPending}
      error={start.error ?? members.error}
      onSubmit={() =>
        start.mutate({
          projectId,
          count,
          personIds: [...personIds],
          dueAt: instantOf(due),
          holdsWork: holds === "hold",
        })
      }
    >
      <Field label="Tasks" help="12 to 30: enough to see where people differ, few enough to talk about.">
        {(control) => (
          <NumberInput
            {...control}
            required
            min={1}
            max={100}
            value={count}
            onNumber={setCount}
            className="w-24"
          />
        )}
      </Field>
      <fieldset className="flex flex-col gap-1">
        <legend className="text-sm font-medium">Raters</legend>
        {(members.data ?? []).map(({ personId, name, role }) => (
          // biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside
          <label key={personId} className="flex items-center gap-2 text-sm">
            <Checkbox
              checked={personIds.includes(personId)}
              onCheckedChange={(on) =>
                setChosen(
                  on === true ? [...personIds, personId] : personIds.filter((one) => one !== personId),
                )
              }
            />
            <bdi>{name}</bdi> <span className="text-muted">{role}</span>
          </label>
        ))}
      </fieldset>
      <Until
        help="Left empty, the round ends when all are done; you can end it by hand."
        value={due}
        onChange={setDue}
      />
      <Field label="Other tasks">
        {(control) => (
          <Select {...control} value={holds} onChange={(event) => setHolds(event.target.value)}>
            <option value="hold">wait until the norming has ended</option>
            <option value="go">go on once a rater has judged the items</option>
          </Select>
        )}
      </Field>
    </FormDialog>
  );
}

type Act = "open" | "repeat" | "end";

/** What a manager can do with a norming that runs. */
export function Control({ projectId, norming }: { projectId: string; norming: ShownNorming }) {
  const [act, setAct] = useState<Act | null>(null);
  const { phase } = norming;
  if (phase === "ended") return null;
  return (
    <>
      {phase === "before" && <Button onClick={() => setAct("open")}>End the first round…</Button>}
      {phase === "talk" && (
        <Button variant="primary" onClick={() => setAct("repeat")}>
          Begin the second round…
        </Button>
      )}
      <Button onClick={() => setAct("end")}>End the norming…</Button>
      {act && <ActDialog act={act} projectId={projectId} norming={norming} onClose={() => setAct(null)} />}
    </>
  );
}

const words: Record<Act, { title: string; description: string; submit: string }> = {
  open: {
    title: "End the first round now?",
    description:
      "Raters see one another's answers. Those who are not done are left out: what they have not judged yet is taken no more.",
    submit: "End the round",
  },
  repeat: {
    title: "Begin the second round?",
    description:
      "Blind again: the first round's answers are hidden from its raters until all are done. Then you see whether they agree more.",
    submit: "Begin",
  },
  end: {
    title: "End the norming?",
    description:
      "Raters get their other tasks. A round that is being judged ends as well, with what is there. It cannot be taken up again.",
    submit: "End",
  },
};

function ActDialog({
  act,
  projectId,
  norming: { id: normingId, items },
  onClose,
}: {
  act: Act;
  projectId: string;
  norming: ShownNorming;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [set, setSet] = useState<(typeof normingSets)[number]>("same");
  const [due, setDue] = useState("");
  const done = {
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries({ queryKey: trpc.norming.pathKey() });
    },
  };
  const open = useMutation(trpc.norming.open.mutationOptions(done));
  const repeat = useMutation(trpc.norming.repeat.mutationOptions(done));
  const end = useMutation(trpc.norming.end.mutationOptions(done));
  const { isPending, error } = { open, repeat, end }[act];
  const key = { projectId, normingId };
  return (
    <FormDialog
      onOpenChange={(isOpen) => !isOpen && onClose()}
      {...words[act]}
      busy={isPending}
      error={error}
      cancel
      onSubmit={() =>
        act === "repeat"
          ? repeat.mutate({ ...key, set, dueAt: instantOf(due) })
          : (act === "open" ? open : end).mutate(key)
      }
    >
      {act === "repeat" && (
        <>
          <Field
            label="Tasks"
            help={
              set === "same"
                ? "Raters may remember what was said of each: more agreement need not carry over to others."
                : "Drawn as the first were, and taken out of the work: agreement on them is what to expect of new tasks."
            }
          >
            {(control) => (
              <Select
                {...control}
                value={set}
                onChange={(event) => {
                  const found = normingSets.find((one) => one === event.target.value);
                  if (found) setSet(found);
                }}
              >
                <option value="same">the same once more</option>
                <option value="parallel">{counted(items.before, "other")}</option>
              </Select>
            )}
          </Field>
          <Until help="Left empty, the round ends when all are done." value={due} onChange={setDue} />
        </>
      )}
    </FormDialog>
  );
}
