"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useState } from "react";
import { FigureName } from "@/app/components/figure";
import { Button } from "@/app/components/ui/button";
import { Sheet } from "@/app/components/ui/dialog";
import { Checkbox, Field, Input, NumberInput, Select } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { amount, counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { AssemblyPlan, JudgeVersion } from "@/server/judge/schema";
import { shareText } from "@/server/statistics/share";
import { answeredBy, memberName } from "./words";

/** Makes a judge of other judges, or the next version of one: a panel of equals, or a cascade that asks the next in doubt. */
export function AssemblyForm({
  projectId,
  from,
  onClose,
  onMade,
}: {
  projectId: string;
  /** The version that this one follows. */
  from?: JudgeVersion;
  onClose: () => void;
  onMade: (made: { judgeId: string; judgeVersionId: string }) => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const judges = useQuery(trpc.judge.list.queryOptions({ projectId, which: "in_use" }));
  const of = from?.assembly ?? null;
  const [name, setName] = useState("");
  const [kind, setKind] = useState<"panel" | "cascade">(of?.kind ?? "panel");
  const [members, setMembers] = useState<readonly string[]>(of?.members ?? []);
  const [combines, setCombines] = useState(of?.kind === "panel" ? of.combines : "majority");
  const [wanted, setWanted] = useState(of?.kind === "cascade" ? Math.round(100 * of.wanted) : 80);
  const [settles, setSettles] = useState(from?.settles ?? "strict");

  const offered = (judges.data ?? []).flatMap(({ versions: [newest] }) =>
    newest && !newest.assembly && newest.judgeId !== from?.judgeId ? [newest] : [],
  );
  // A version that is a member already may have a later one since.
  const older = (from?.members ?? []).filter(({ id }) => offered.every((one) => one.id !== id));
  const isWanted = wanted >= 50 && wanted <= 99;
  const assembled =
    kind === "panel"
      ? { kind, members: [...members], combines }
      : { kind, members: [...members], wanted: (isWanted ? wanted : 80) / 100 };
  const plan = useQuery(
    trpc.judge.planAssembly.queryOptions(
      { projectId, assembled, settles },
      { enabled: members.length > 1, retry: false },
    ),
  );
  const onSuccess = async (made: { judgeId: string; judgeVersionId: string }) => {
    await client.invalidateQueries({ queryKey: trpc.judge.pathKey() });
    onClose();
    onMade(made);
  };
  const create = useMutation(trpc.judge.assemble.mutationOptions({ onSuccess }));
  const revise = useMutation(trpc.judge.reassemble.mutationOptions({ onSuccess }));
  const move = (id: string, by: number) => {
    const rest = members.filter((each) => each !== id);
    const place = members.indexOf(id) + by;
    setMembers([...rest.slice(0, place), id, ...rest.slice(place)]);
  };
  const rows = [
    ...older.map((one) => ({ id: one.id, label: memberName(one), detail: "an earlier version" })),
    ...offered.map((one) => ({ id: one.id, label: memberName(one), detail: answeredBy(one) })),
  ].sort((one, other) => placeIn(members, one.id) - placeIn(members, other.id));
  return (
    <FormDialog
      as={Sheet}
      onOpenChange={onClose}
      title={from ? `${from.name}: version ${from.version + 1}` : "New panel or cascade"}
      description="A judge that is made of others. They are asked as themselves: what one of them said of a task already is not asked or paid again."
      submit={from ? "Make the version" : "Make the judge"}
      busy={create.isPending || revise.isPending}
      disabled={!plan.data || plan.data.problem !== null || (kind === "cascade" && !isWanted)}
      error={create.error ?? revise.error ?? plan.error ?? judges.error}
      onSubmit={() => {
        if (from) revise.mutate({ projectId, judgeId: from.judgeId, assembled, settles });
        else create.mutate({ projectId, name, assembled, settles });
      }}
    >
      {!from && (
        <Field label="Name" help="By what you will know it.">
          {(control) => (
            <Input
              {...control}
              required
              maxLength={100}
              autoFocus
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Field>
      )}
      <Field
        label="How they judge together"
        help={
          kind === "panel"
            ? "Each member is asked about each task. One whose own kin is compared sits out; more than half must give a verdict."
            : "The first is asked about each task. Where it is not sure enough, its orders disagree or it finds neither better, the next is asked."
        }
      >
        {(control) => (
          <Select
            {...control}
            value={kind}
            onChange={({ target }) => setKind(target.value === "cascade" ? "cascade" : "panel")}
          >
            <option value="panel">as a panel: all are asked</option>
            <option value="cascade">as a cascade: the next only in doubt</option>
          </Select>
        )}
      </Field>
      <fieldset className="flex flex-col gap-2">
        <legend className="text-sm font-medium">
          Members{kind === "cascade" ? ", in the order in which they are asked: the cheapest first" : ""}
        </legend>
        {rows.map(({ id, label, detail }) => {
          const place = members.indexOf(id);
          return (
            <div key={id} className="flex items-center gap-2">
              {/* biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside */}
              <label className="flex min-w-0 flex-1 items-center gap-2 text-sm">
                <Checkbox
                  checked={place >= 0}
                  onCheckedChange={(on) =>
                    setMembers(on === true ? [...members, id] : members.filter((each) => each !== id))
                  }
                />
                <span className="min-w-0">
                  {label} <span className="text-muted">{detail}</span>
                </span>
              </label>
              {kind === "cascade" && place >= 0 && (
                <>
                  <Button
                    variant="ghost"
                    aria-label={`Ask ${label} earlier`}
                    disabled={place === 0}
                    onClick={() => move(id, -1)}
                  >
                    <ArrowUp />
                  </Button>
                  <Button
                    variant="ghost"
                    aria-label={`Ask ${label} later`}
                    disabled={place === members.length - 1}
                    onClick={() => move(id, 1)}
                  >
                    <ArrowDown />
                  </Button>
                </>
              )}
            </div>
          );
        })}
      </fieldset>
      <div className="grid gap-4 sm:grid-cols-2">
        {kind === "panel" ? (
          <Field label="What decides in an order">
            {(control) => (
              <Select
                {...control}
                value={combines}
                onChange={({ target }) => setCombines(target.value === "mean" ? "mean" : "majority")}
              >
                <option value="majority">what most members say</option>
                <option value="mean">the mean of calibrated probabilities</option>
              </Select>
            )}
          </Field>
        ) : (
          <Field
            label="Wanted agreement, %"
            help="Of people’s votes with verdicts that stand without the last member."
          >
            {(control) => (
              <NumberInput
                {...control}
                required
                min={50}
                max={99}
                step={1}
                value={wanted}
                onNumber={setWanted}
              />
            )}
          </Field>
        )}
        <Field label="Where orders differ">
          {(control) => (
            <Select
              {...control}
              value={settles}
              onChange={({ target }) => setSettles(target.value === "soft" ? "soft" : "strict")}
            >
              <option value="strict">a tie: a win needs both</option>
              <option value="soft">the mean probability decides</option>
            </Select>
          )}
        </Field>
      </div>
      {members.length < 2 ? (
        <p className="text-sm text-muted">Choose two judges or more that answer the same question.</p>
      ) : (
        plan.data && <Plan plan={plan.data} />
      )}
    </FormDialog>
  );
}

/** Members first, in their order. */
const placeIn = (members: readonly string[], id: string) =>
  members.includes(id) ? members.indexOf(id) : members.length;

/** What people's votes say of the members. */
function Plan({ plan: { problem, members } }: { plan: AssemblyPlan }) {
  return (
    <section className="flex flex-col gap-2 text-sm">
      <h3 className="font-medium">
        <FigureName id="judgePlan" />
      </h3>
      {problem && (
        <p role="alert" className="text-bad">
          {problem}
        </p>
      )}
      <ul className="flex flex-col gap-1 text-muted">
        {members.map((member) => (
          <li key={member.judgeVersionId}>{toldOf(member)}</li>
        ))}
      </ul>
    </section>
  );
}

function toldOf({ items, slope, settles, ...of }: AssemblyPlan["members"][number]): string {
  const name = memberName(of);
  const calibrated =
    slope === null
      ? `${name}: beside people on ${counted(items, "comparison")}, too few to calibrate; its probabilities count as it gives them.`
      : `${name}: calibrated on ${counted(items, "comparison")} beside people, slope ${slope.toFixed(2)}.`;
  if (!settles || settles.threshold === null) return calibrated;
  const { threshold, settled, right, of: all } = settles;
  const agrees = shareText({ count: right.count, of: right.of, interval: right }) ?? "—";
  return `${calibrated} From a sureness of ${threshold.toFixed(2)} on its verdict stands: ${amount(settled)} of ${amount(all)} that reach it, and people’s votes agree in ${agrees}.`;
}
