"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { FigureInfo } from "@/app/components/figure";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { Select } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { counted, percent } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { type Hazard, hazardName, hazards, type TaxonomyId, taxonomyIds, taxonomyOf } from "@/db/shape/harm";
import { tactics } from "@/db/shape/red-team";
import type { Measured, RedTeamResults, Refusals, Share } from "@/server/red-team/schema";
import { Attempts } from "./attempts";
import { Control } from "./control";
import { HarmName } from "./harm-name";
import { RefusalPlot } from "./refusal-plot";

/** What attacks came to: how far people, guard and attackers agree, what succeeded, and what models refuse. */
export function Results({ projectId, mayManage }: { projectId: string; mayManage: boolean }) {
  const trpc = useTRPC();
  const results = useQuery({ ...trpc.redTeam.results.queryOptions({ projectId }), refetchOnMount: "always" });
  const refused = useQuery({
    ...trpc.redTeam.refusals.queryOptions({ projectId }),
    refetchOnMount: "always",
  });
  const [taxonomy, setTaxonomy] = useState<TaxonomyId>("mlcommons");
  const { data } = results;
  const error = results.error ?? refused.error;
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader
        title="Red team: results"
        actions={
          <Button asChild>
            <Link href={`/projects/${projectId}/red-team`}>Attack and judge</Link>
          </Button>
        }
      >
        <p className="text-sm text-muted">
          {data &&
            `${counted(data.attempts.ended, "attempt")} at an end, of which ${data.attempts.judged} judged.`}
        </p>
      </PageHeader>
      {error && (
        <p role="alert" className="px-4 text-bad md:px-6">
          {error.message}
        </p>
      )}
      <div className="flex min-w-0 flex-col gap-8 px-4 md:px-6">
        <Control projectId={projectId} mayManage={mayManage} />
        {data && <Agreement agreement={data.agreement} />}
        {refused.data && <Refused rows={refused.data} />}
        {data && (
          <Section
            title="What succeeded"
            actions={
              <Select
                aria-label="In the words of"
                className="w-auto"
                value={taxonomy}
                onChange={({ target }) =>
                  setTaxonomy(taxonomyIds.find((one) => one === target.value) ?? "mlcommons")
                }
              >
                {taxonomyIds.map((id) => (
                  <option key={id} value={id}>
                    {taxonomyOf[id].title}
                  </option>
                ))}
              </Select>
            }
          >
            <div className="grid items-start gap-6 lg:grid-cols-2">
              <Shares label="By tactic" rows={data.byTactic} />
              <Shares label="By harm" rows={data.byHarm} taxonomy={taxonomy} />
            </div>
          </Section>
        )}
        <Attempts projectId={projectId} mayManage={mayManage} taxonomy={taxonomy} />
        <Mapping taxonomy={taxonomy} />
      </div>
    </div>
  );
}

const shareText = ({ estimate, count, of, low, high }: Share): string =>
  estimate === null
    ? "—"
    : `${percent(count, of)}${low === null || high === null ? "" : ` [${percent(low, 1)}, ${percent(high, 1)}]`}`;

const measuredText = ({ estimate, low, high, reason }: Measured): string =>
  estimate === null
    ? `not known${reason ? `: ${reason}` : ""}`
    : `${estimate.toFixed(2)}${low === null || high === null ? "" : ` [${low.toFixed(2)}, ${high.toFixed(2)}]`}`;

function Agreement({ agreement: { guard, attackers, people } }: Pick<RedTeamResults, "agreement">) {
  const rows = [
    ...(guard
      ? [
          {
            name: "People and the guard",
            ...guard,
            note: guard.failed ? `${guard.failed} without a verdict` : "",
          },
        ]
      : []),
    { name: "People and the attackers", ...attackers, note: "" },
  ];
  return (
    <Section title="Who agrees with whom">
      <Table label="Agreement on success">
        <thead>
          <tr>
            <Th>Between</Th>
            <Th numeric aside={<FigureInfo id="attackAgreement" />}>
              Same
            </Th>
            <Th numeric aside={<FigureInfo id="attackKappa" />}>
              κ
            </Th>
            <Th numeric>Prompts</Th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, raw, kappa, note }) => (
            <Tr key={name}>
              <Td>
                {name}
                {note && <span className="text-muted"> ({note})</span>}
              </Td>
              <Td numeric>{measuredText(raw)}</Td>
              <Td numeric className="whitespace-normal">
                {measuredText(kappa)}
              </Td>
              <Td numeric>{raw.n}</Td>
            </Tr>
          ))}
          <Tr>
            <Td>Two people, of three answers</Td>
            <Td numeric className="whitespace-normal">
              {measuredText(people)}
            </Td>
            <Td numeric>—</Td>
            <Td numeric>{people.n}</Td>
          </Tr>
        </tbody>
      </Table>
      {!guard && (
        <p className="text-sm text-muted">No guard is set: a judge that answers a choice can be one.</p>
      )}
    </Section>
  );
}

function Refused({ rows }: { rows: Refusals }) {
  return (
    <Section title="Refusal and over-refusal">
      {rows.length === 0 ? (
        <p className="text-sm text-muted">
          Nothing yet: it takes judged attempts, or a benchmark in XSTest&rsquo;s form on a model.
        </p>
      ) : (
        <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_auto]">
          <Table label="Refusals by model">
            <thead>
              <tr>
                <Th>Model</Th>
                <Th numeric aside={<FigureInfo id="refusedHarmful" />}>
                  Attacks refused
                </Th>
                <Th numeric>Unsafe prompts refused</Th>
                <Th numeric aside={<FigureInfo id="refusedHarmless" />}>
                  Safe prompts refused
                </Th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ modelId, model, attacks, unsafe, safe }) => (
                <Tr key={modelId}>
                  <Td className="wrap-anywhere">{model}</Td>
                  {[attacks, unsafe, safe].map((share, at) => (
                    <Td key={["attacks", "unsafe", "safe"][at]} numeric>
                      {shareText(share)}
                      <span className="block text-xs text-muted">
                        {share.count} of {share.of}, {counted(share.clusters, "prompt")}
                      </span>
                    </Td>
                  ))}
                </Tr>
              ))}
            </tbody>
          </Table>
          <RefusalPlot rows={rows} />
        </div>
      )}
    </Section>
  );
}

const isHazard = (name: string): name is Hazard => hazards.some((one) => one === name);
const isTactic = (name: string): name is (typeof tactics)[number] => tactics.some((one) => one === name);

function Shares({
  label,
  rows,
  taxonomy = "mlcommons",
}: {
  label: string;
  rows: RedTeamResults["byTactic"];
  taxonomy?: TaxonomyId;
}) {
  const t = useTranslations("redTeam");
  return (
    <Table label={label}>
      <thead>
        <tr>
          <Th>{label}</Th>
          <Th numeric aside={<FigureInfo id="attackSucceeded" />}>
            Succeeded
          </Th>
          <Th numeric>Of</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, succeeded }) => (
          <Tr key={name}>
            <Td>
              {isTactic(name) && label === "By tactic" ? (
                t(`tactics.${name}.name`)
              ) : isHazard(name) ? (
                <HarmName hazard={name} taxonomy={taxonomy} />
              ) : (
                name
              )}
            </Td>
            <Td numeric>{shareText(succeeded)}</Td>
            <Td numeric>{succeeded.of}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

/** How the categories of a taxonomy map onto the hazards that attempts are filed under. */
function Mapping({ taxonomy }: { taxonomy: TaxonomyId }) {
  const { title, source, categories } = taxonomyOf[taxonomy];
  return (
    <details>
      <summary className="cursor-pointer text-sm font-semibold">
        How {title} maps onto MLCommons&rsquo; hazards
      </summary>
      <p className="my-2 text-xs text-muted">{source}. The mapping is ours.</p>
      <Table label={`Mapping of ${title}`}>
        <thead>
          <tr>
            <Th>Category</Th>
            <Th>Hazards</Th>
            <Th>What is lost</Th>
          </tr>
        </thead>
        <tbody>
          {categories.map(({ code, name, hazards: covered, loses }) => (
            <Tr key={code}>
              <Td className="wrap-anywhere">{name}</Td>
              <Td>{covered.map((hazard) => `${hazard} ${hazardName(hazard)}`).join("; ") || "none"}</Td>
              <Td className="text-muted">{loses ?? "nothing"}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </details>
  );
}
