"use client";
import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useState } from "react";
import { FigureName } from "@/app/components/figure";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { shareText } from "@/server/statistics/share";
import { kindNames, kindNotes } from "../kinds";

/** Loaded when it is first opened. */
const FreezeForm = dynamic(() => import("./freeze-form").then((form) => form.FreezeForm));

/** A dataset's versions, and the recipe for the next one. */
export function DatasetDetail({ projectId, datasetId }: { projectId: string; datasetId: string }) {
  const trpc = useTRPC();
  // Null until it is first opened; from then on it keeps what is filled in.
  const [freezing, setFreezing] = useState<boolean | null>(null);
  const dataset = useQuery(trpc.dataset.get.queryOptions({ projectId, datasetId }));
  const versions = useQuery(trpc.dataset.versions.queryOptions({ projectId, datasetId }));
  if (!dataset.data) return <PageHeader title="Dataset">{dataset.error?.message}</PageHeader>;
  const freeze = (
    <Button variant="primary" onClick={() => setFreezing(true)}>
      Freeze a version
    </Button>
  );
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader title={dataset.data.name} actions={versions.data?.length ? freeze : null}>
        <p className="text-sm text-muted">
          {kindNames[dataset.data.kind]} · {kindNotes[dataset.data.kind]}
        </p>
      </PageHeader>
      {versions.data?.length === 0 ? (
        <Empty title="No version yet" action={freeze}>
          Freezing reads all judgements as they stand, aggregates them by your recipe and never changes
          afterwards.
        </Empty>
      ) : (
        <Table label="Versions">
          <thead>
            <tr>
              <Th>Version</Th>
              <Th numeric>
                <FigureName id="versionRows" />
              </Th>
              <Th numeric>Train / validation / test</Th>
              <Th numeric>
                <FigureName id="versionPrompts" />
              </Th>
              <Th numeric>
                <FigureName id="versionGround">Annotators</FigureName>
              </Th>
              <Th numeric>
                <FigureName id="versionAgreement">Raw agreement</FigureName>
              </Th>
              <Th>Aggregation</Th>
              <Th>sha256</Th>
              <Th>Frozen</Th>
            </tr>
          </thead>
          <tbody>
            {versions.data?.map(({ id, version, rows, manifest, recipe, sha256, createdAt }) => (
              <Tr key={id}>
                <Td>
                  <Link
                    href={`/projects/${projectId}/datasets/versions/${id}`}
                    className="font-medium hover:underline"
                  >
                    v{version}
                  </Link>
                </Td>
                <Td numeric>{amount(rows)}</Td>
                <Td numeric>
                  {manifest.rows.train} / {manifest.rows.validation} / {manifest.rows.test}
                </Td>
                <Td numeric>{amount(manifest.prompts)}</Td>
                <Td numeric>{manifest.raters}</Td>
                <Td numeric className="whitespace-nowrap">
                  {shareText(manifest.agreement) ?? "—"}
                </Td>
                <Td>
                  {recipe?.aggregation ?? (
                    <span className="text-warn">recipe of another release, not readable here</span>
                  )}
                </Td>
                <Td className="font-mono text-xs text-muted">{sha256.slice(0, 12)}…</Td>
                <Td className="whitespace-nowrap text-muted">
                  <time dateTime={createdAt.toISOString()} suppressHydrationWarning>
                    {createdAt.toLocaleString()}
                  </time>
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
      {freezing !== null && (
        <FreezeForm
          projectId={projectId}
          dataset={dataset.data}
          previous={versions.data?.[0]?.recipe}
          open={freezing}
          onOpenChange={setFreezing}
        />
      )}
    </div>
  );
}
