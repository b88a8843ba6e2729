"use client";
import { useQuery } from "@tanstack/react-query";
import { Database } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { FigureName } from "@/app/components/figure";
import { PageHeader } from "@/app/components/shell/page-header";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { kindNames } from "./kinds";
import { NewDataset } from "./new-dataset";

/** The project's datasets with the newest version of each. */
export function Datasets({ projectId }: { projectId: string }) {
  const trpc = useTRPC();
  const [creating, setCreating] = useState(false);
  const datasets = useQuery(trpc.dataset.list.queryOptions({ projectId }));
  const create = (
    <Button variant="primary" onClick={() => setCreating(true)}>
      New dataset
    </Button>
  );
  return (
    <>
      <PageHeader title="Datasets" actions={datasets.data?.length ? create : null}>
        {datasets.data && datasets.data.length > 0 && (
          <p className="text-sm text-muted">{datasets.data.length} datasets</p>
        )}
      </PageHeader>
      {datasets.data?.length === 0 ? (
        <Empty icon={<Database />} title="No datasets yet" action={create}>
          A dataset turns judgements into rows to train on. Each version is frozen: hashed, reproducible from
          its recipe, and traceable to the annotations behind every row.
        </Empty>
      ) : (
        <Table label="Datasets">
          <thead>
            <tr>
              <Th>Name</Th>
              <Th>Kind</Th>
              <Th>Newest version</Th>
              <Th numeric>
                <FigureName id="versionRows" />
              </Th>
              <Th numeric>
                <FigureName id="versionGround">Annotators</FigureName>
              </Th>
              <Th>sha256</Th>
            </tr>
          </thead>
          <tbody>
            {datasets.data?.map(({ id, name, kind, newest }) => (
              <Tr key={id}>
                <Td>
                  <Link
                    href={`/projects/${projectId}/datasets/${id}`}
                    className="font-medium hover:underline"
                  >
                    {name}
                  </Link>
                </Td>
                <Td>
                  <Badge>{kindNames[kind]}</Badge>
                </Td>
                <Td>
                  {newest ? (
                    <Link
                      href={`/projects/${projectId}/datasets/versions/${newest.id}`}
                      className="hover:underline"
                    >
                      v{newest.version}
                    </Link>
                  ) : (
                    <span className="text-muted">not frozen yet</span>
                  )}
                </Td>
                <Td numeric>{newest && amount(newest.rows)}</Td>
                <Td numeric>{newest?.manifest.raters}</Td>
                <Td className="font-mono text-xs text-muted">{newest && `${newest.sha256.slice(0, 12)}…`}</Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
      <NewDataset projectId={projectId} open={creating} onOpenChange={setCreating} />
    </>
  );
}
