"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { FigureName } from "@/app/components/figure";
import { useAddress } from "@/app/components/table/use-address";
import { Button } from "@/app/components/ui/button";
import { Field, Select } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount, counted, duration, percent } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { Plan } from "@/server/conclusion/schema";
import { interval } from "@/server/statistics/share";
import { lookAddress, planAddress } from "../address";
import { Cautions } from "../cautions";
import { ConclusionsHeader } from "../header";
import { LookFilters } from "../look-filters";
import { RateDialog } from "./rate-dialog";
import { Stopping } from "./stopping";

const WIN_RATES = [0.52, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8];
const POWERS = [0.8, 0.9, 0.95];
const HALF_WIDTHS = [0.02, 0.05, 0.1];

/** Before a study: what it takes. During: whether it may end. */
export function PlanPage({ projectId, mayManage }: { projectId: string; mayManage: boolean }) {
  const trpc = useTRPC();
  const [look, { set }] = useAddress(lookAddress);
  const [asked] = useAddress(planAddress);
  const facets = useQuery(trpc.content.facets.queryOptions({ projectId }));
  const [pricing, setPricing] = useState(false);
  const board = useQuery({
    ...trpc.conclusion.leaderboard.queryOptions({ projectId, ...look }),
    placeholderData: keepPreviousData,
  });
  const plan = useQuery({
    ...trpc.conclusion.plan.queryOptions({ projectId, ...asked }),
    placeholderData: keepPreviousData,
  });
  // All that the project has, judged or not: a rule is best fixed before the first vote.
  const sources = facets.data?.sources.map(({ value }) => value) ?? [];
  const choices = [
    { label: "Win rate to find", name: "winRate", value: asked.winRate, values: WIN_RATES },
    { label: "Power", name: "power", value: asked.power, values: POWERS },
    { label: "Half-width of agreement", name: "halfWidth", value: asked.halfWidth, values: HALF_WIDTHS },
  ] as const;
  const judged = board.data?.groups.flatMap((group) => group.matrix.sources) ?? [];
  // What votes say of ties and of alike raters is asked of these two alone, once both are chosen.
  const sides = [
    { label: "Source", name: "source", value: asked.source, other: asked.opponent },
    { label: "Opponent", name: "opponent", value: asked.opponent, other: asked.source },
  ] as const;
  return (
    <>
      <ConclusionsHeader projectId={projectId} />
      <div className="scroll-thin flex min-h-0 flex-1 flex-col gap-8 overflow-y-auto px-4 py-4 md:px-6">
        {board.data?.question && <LookFilters board={board.data} look={look} onChange={set} />}
        <Section title={<FigureName id="plan">Plan: what it takes</FigureName>}>
          <div className="flex flex-wrap gap-3">
            {choices.map(({ label, name, value, values }) => (
              <Field key={name} label={label} className="min-w-32">
                {(control) => (
                  <Select
                    {...control}
                    value={value}
                    onChange={(event) => set({ [name]: event.target.value })}
                  >
                    {[...new Set([...values, value])].sort().map((each) => (
                      <option key={each} value={each}>
                        {percent(each, 1)}
                      </option>
                    ))}
                  </Select>
                )}
              </Field>
            ))}
            {judged.length > 2 &&
              sides.map(({ label, name, value, other }) => (
                <Field key={name} label={label} className="min-w-32">
                  {(control) => (
                    <Select
                      {...control}
                      value={value ?? ""}
                      onChange={(event) => set({ [name]: event.target.value || null })}
                    >
                      <option value="">All sources</option>
                      {judged
                        .filter((each) => each !== other)
                        .map((each) => (
                          <option key={each}>{each}</option>
                        ))}
                    </Select>
                  )}
                </Field>
              ))}
          </div>
          {!plan.data && <p className="text-sm text-muted">{plan.failureReason?.message ?? "Reckoning…"}</p>}
          {plan.data && <Needed plan={plan.data} />}
          {mayManage && (
            <div>
              <Button onClick={() => setPricing(true)}>
                {plan.data?.rate
                  ? `${amount(plan.data.rate.amount)} ${plan.data.rate.currency} an hour: change`
                  : "Set an hourly rate"}
              </Button>
            </div>
          )}
        </Section>
        <Stopping
          projectId={projectId}
          mayManage={mayManage}
          questionId={board.data?.question?.id ?? null}
          sources={sources}
        />
      </div>
      {pricing && (
        <RateDialog projectId={projectId} rate={plan.data?.rate ?? null} onClose={() => setPricing(false)} />
      )}
    </>
  );
}

function Needed({ plan }: { plan: Plan }) {
  const { pilot, assumed, ways, agreement, rate, cautions } = plan;
  return (
    <>
      <p className="max-w-prose text-sm">
        {pilot.votes > 0
          ? `From ${counted(pilot.votes, "vote")} on ${counted(pilot.prompts, "prompt")}: `
          : "Without votes yet: "}
        {percent(assumed.ties, 1)} ties; votes of two raters on one pair correlate by{" "}
        {assumed.alike.toFixed(2)}
        {pilot.alike.low !== null &&
          pilot.alike.high !== null &&
          ` [${pilot.alike.low.toFixed(2)}, ${pilot.alike.high.toFixed(2)}]`}
        {pilot.seconds !== null &&
          `; a judgement takes ${duration(pilot.seconds)} (median of ${amount(pilot.timed)} timed)`}
        .
      </p>
      <Table label="Judgements needed, by raters a prompt">
        <thead>
          <tr>
            <Th>Raters a prompt</Th>
            <Th numeric>Prompts</Th>
            <Th numeric>Judgements</Th>
            <Th numeric>Hours</Th>
            <Th numeric>{rate ? `Cost, ${rate.currency}` : "Cost"}</Th>
          </tr>
        </thead>
        <tbody>
          {ways.map(({ raters, prompts, judgements, hours, cost }) => (
            <Tr key={raters}>
              <Td className="tabular">{raters}</Td>
              <Td numeric>{amount(prompts)}</Td>
              <Td numeric>{amount(judgements)}</Td>
              <Td numeric>{hours === null ? "—" : hours.toFixed(1)}</Td>
              <Td numeric>{cost === null ? "—" : amount(Math.ceil(cost))}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      <p className="max-w-prose text-sm">
        {agreement.needed === null
          ? agreement.reason
          : `Raw agreement is ${pilot.agreement.estimate === null ? "not known" : interval(pilot.agreement.estimate, pilot.agreement)} on ${counted(agreement.prompts, "prompt")}; an interval of ± ${amount(100 * agreement.wanted)} points needs ${agreement.needed > agreement.prompts ? `${counted(agreement.needed, "prompt")} that two or more judge` : `about ${amount(agreement.needed)}: it is as narrow already`}.`}
      </p>
      <Cautions of={cautions} />
    </>
  );
}
