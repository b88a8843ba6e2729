"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { FigureName } from "@/app/components/figure";
import { Badge } from "@/app/components/ui/badge";
import { Field, Select } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount, counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { JointWinRate } from "@/server/conclusion/schema";
import { certificateWords, jointWords } from "@/server/conclusion/words";
import { interval } from "@/server/statistics/share";
import type { LookAddress } from "./address";
import { Cautions } from "./cautions";
import { JointWidth } from "./joint-width";

/** The win rate of two sources by people, by a judge that the reader chooses, and by both together. */
export function Joint({
  projectId,
  look: { language, domain },
  questionId,
  sources,
}: {
  projectId: string;
  look: LookAddress;
  questionId: string;
  sources: readonly string[];
}) {
  const trpc = useTRPC();
  const [chosen, setChosen] = useState({ judgeVersionId: "", source: "", opponent: "" });
  const judges = useQuery(trpc.judge.list.queryOptions({ projectId }));
  const versions = (judges.data ?? []).flatMap((judge) =>
    judge.versions.filter((version) => version.questionId === questionId && version.asked > 0),
  );
  const known = versions.find(({ id }) => id === chosen.judgeVersionId) ?? versions[0];
  const [source, opponent] = [chosen.source || sources[0], chosen.opponent || sources[1]];
  const { data, failureReason } = useQuery({
    ...trpc.conclusion.joint.queryOptions({
      ...{ projectId, source, opponent, judgeVersionId: known?.id ?? "" },
      ...(language && { language }),
      ...(domain && { domain }),
    }),
    enabled: known !== undefined && source !== opponent,
    placeholderData: keepPreviousData,
  });
  const title = <FigureName id="jointWinRate" />;
  if (!known)
    return (
      <Section title={title}>
        <p className="max-w-prose text-sm text-muted">
          {judges.data ? (
            <>
              No judge was asked this question yet. A{" "}
              <Link className="underline" href={`/projects/${projectId}/judges`}>
                judge
              </Link>{" "}
              that says what people say narrows the interval of a win rate; one that does not, does no harm.
            </>
          ) : (
            (judges.error?.message ?? "Looking…")
          )}
        </p>
      </Section>
    );
  const sides = [
    { label: "Source", name: "source", value: source },
    { label: "Opponent", name: "opponent", value: opponent },
  ] as const;
  return (
    <Section title={title}>
      <div className="flex flex-wrap gap-3">
        <Field label="Judge" className="min-w-40 max-w-96">
          {(control) => (
            <Select
              {...control}
              value={known.id}
              onChange={({ target }) => setChosen({ ...chosen, judgeVersionId: target.value })}
            >
              {versions.map(({ id, name, version }) => (
                <option key={id} value={id}>
                  {name} v{version}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {sources.length > 2 &&
          sides.map(({ label, name, value }) => (
            <Field key={name} label={label} className="min-w-40 max-w-96">
              {(control) => (
                <Select
                  {...control}
                  value={value}
                  onChange={({ target }) => setChosen({ ...chosen, [name]: target.value })}
                >
                  {sources.map((each) => (
                    <option key={each}>{each}</option>
                  ))}
                </Select>
              )}
            </Field>
          ))}
      </div>
      {source === opponent ? (
        <p className="text-sm">Choose two different sources.</p>
      ) : data ? (
        <Found joint={data} />
      ) : (
        <p className="text-sm text-muted">{failureReason?.message ?? "Reading verdicts…"}</p>
      )}
    </Section>
  );
}

function Found({ joint }: { joint: JointWinRate }) {
  const {
    source,
    opponent,
    pairs,
    judgements,
    raters,
    cost,
    leftOut,
    weighted,
    cautions,
    effectiveN,
    pilot,
    anytime,
    certificate,
  } = joint;
  if (pairs.all === 0)
    return (
      <p className="max-w-prose text-sm text-muted">
        {leftOut.trained > 0
          ? `This judge was trained on the prompts of all ${amount(leftOut.trained)} pairs of these two that it judged: there it knows what people said. Let it judge others.`
          : "This judge was asked about no pair of these two here."}
      </p>
    );
  const spent = cost === null ? "cost not known" : cost === 0 ? "no cost" : `${amount(cost)} US dollars`;
  const rows = [
    { name: "People alone", mean: joint.people, spent: counted(judgements, "judgement") },
    { name: "Judge alone", mean: joint.judgeAlone, spent, unsure: true },
    {
      name: "Both together",
      mean: joint.joint,
      spent: `both; as precise as ${effectiveN === null ? "—" : counted(Math.floor(effectiveN), "pair")} of people alone`,
    },
  ];
  const without = [
    leftOut.trained > 0 && `${counted(leftOut.trained, "pair")} of prompts that the judge was trained on`,
    leftOut.chosen > 0 &&
      `${counted(leftOut.chosen, "judgement")} brought by votes on the same pair, or by no draw on record`,
  ].filter((each) => each !== false);
  return (
    <>
      <p className="max-w-prose text-sm" aria-live="polite">
        How often <bdi>{source}</bdi> wins against <bdi>{opponent}</bdi>. {jointWords(joint)}
      </p>
      <Table label="The win rate by people, by the judge, and by both together">
        <thead>
          <tr>
            <Th>By</Th>
            <Th numeric>Win rate, 95 %</Th>
            <Th numeric>Pairs</Th>
            <Th numeric>Prompts</Th>
            <Th>Cost so far</Th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, mean, spent, unsure }) => (
            <Tr key={name}>
              <Td className="whitespace-nowrap">
                {name} {unsure && <Badge tone="warn">no guarantee</Badge>}
              </Td>
              <Td numeric>
                {mean.estimate === null ? "—" : interval(mean.estimate, mean)}
                {mean.reason && <span className="block text-xs text-muted">{mean.reason}</span>}
              </Td>
              <Td numeric>{amount(mean.n)}</Td>
              <Td numeric>{amount(mean.prompts)}</Td>
              <Td>{spent}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      <p className="max-w-prose text-sm text-muted">
        <FigureName id="jointSample">
          {`Of ${counted(pairs.all, "pair")} that the judge was asked about, people judged ${amount(pairs.judged)}, with ${counted(judgements, "judgement")} of ${counted(raters, "rater")}`}
          {pairs.withoutVerdict > 0 && `; ${amount(pairs.withoutVerdict)} have no verdict of the judge`}
          {weighted &&
            `; tasks were chosen, so that ${counted(weighted.pairs, "pair")} that draws came to stand for all by their chances, and count as ${amount(Math.round(weighted.effective))}`}
          {without.length > 0 && `; left out: ${without.join(", ")}`}.
        </FigureName>{" "}
        {joint.drift.estimate !== null && joint.drift.low !== null && (
          <FigureName id="jointDrift">
            {`The judge's win rate there, less that on the others: ${interval(joint.drift.estimate, joint.drift)}.`}
          </FigureName>
        )}
      </p>
      {anytime && (
        <p className="max-w-prose text-sm text-muted">
          <FigureName id="jointAnytime">
            {`However often one looks, the win rate is ${interval(joint.joint.estimate ?? 0, anytime)}.`}
          </FigureName>{" "}
          {anytime.low > 0.5 || anytime.high < 0.5
            ? "That leaves one half out: the study may end here."
            : "The study may end once this interval is as narrow as it is wanted, or leaves one half out; those in the table are for one look."}
        </p>
      )}
      {certificate && (
        <p className="max-w-prose text-sm text-muted">
          <FigureName id="jointCertificate">{certificateWords(certificate)}</FigureName>
        </p>
      )}
      <Cautions of={cautions} />
      {pilot ? (
        <JointWidth pilot={pilot} />
      ) : (
        <p className="text-sm text-muted">
          What a narrower interval takes is reckoned once people have judged pairs of 20 prompts.
        </p>
      )}
    </>
  );
}
