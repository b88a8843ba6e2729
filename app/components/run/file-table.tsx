import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { bytes } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";

/** The files of a run, each with its hash, to download. */
export function FileTable({ projectId, runId }: { projectId: string; runId: string }) {
  const trpc = useTRPC();
  const { data: files } = useQuery(trpc.run.files.queryOptions({ projectId, runId }));
  if (!files?.length) return null;
  return (
    <Section title="Files">
      <Table label="Files">
        <thead>
          <tr>
            <Th>Name</Th>
            <Th numeric>Size</Th>
            <Th>sha256</Th>
          </tr>
        </thead>
        <tbody>
          {files.map(({ name, size, sha256 }) => (
            <Tr key={name}>
              <Td>
                <a
                  href={`/api/v1/projects/${projectId}/runs/${runId}/files/${name}`}
                  className="inline-flex items-center gap-1.5 font-medium hover:underline"
                  download
                >
                  <Download aria-hidden="true" className="size-4 text-muted" />
                  {name}
                </a>
              </Td>
              <Td numeric>{bytes(size)}</Td>
              <Td className="min-w-64 break-all font-mono text-xs text-muted">{sha256}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
