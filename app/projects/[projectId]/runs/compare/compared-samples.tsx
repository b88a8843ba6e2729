import { useQueries } from "@tanstack/react-query";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { useTRPC } from "@/app/trpc/client";
import type { Row } from "../rows";

/** What the newest checkpoint of each run replied to the same prompts. */
export function ComparedSamples({ projectId, runs }: { projectId: string; runs: readonly Row[] }) {
  const trpc = useTRPC();
  const samples = useQueries({
    queries: runs.map(({ id: runId }) => trpc.training.samples.queryOptions({ projectId, runId })),
  });
  const newest = samples.map(({ data = [] }) => {
    const step = Math.max(...data.map((sample) => sample.step));
    const last = data.filter((sample) => sample.step === step);
    return { step, replies: new Map(last.map(({ prompt, completion }) => [prompt, completion])) };
  });
  const prompts = [...new Set(newest.flatMap(({ replies }) => [...replies.keys()]))];
  if (prompts.length === 0) return null;
  return (
    <Section title="Samples of the newest checkpoints">
      <Table label="Samples by run">
        <thead>
          <tr>
            <Th>Prompt</Th>
            {runs.map(({ id, name }, i) => (
              <Th key={id}>
                {name}
                {newest[i].replies.size > 0 && `, step ${newest[i].step}`}
              </Th>
            ))}
          </tr>
        </thead>
        <tbody>
          {prompts.map((prompt) => (
            <Tr key={prompt}>
              <Td dir="auto" className="min-w-40 max-w-64 font-medium">
                {prompt}
              </Td>
              {runs.map(({ id }, i) => (
                <Td key={id} dir="auto" className="min-w-48 max-w-80 whitespace-pre-wrap break-words">
                  {newest[i].replies.get(prompt) ?? "—"}
                </Td>
              ))}
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
