import { useQuery } from "@tanstack/react-query";
import { isOver, type Run } from "@/app/components/run/status";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { useTRPC } from "@/app/trpc/client";

const REFRESH_MS = 5000;

/** What the base and the tuned model reply to the same prompts; they are not those of the blind pairs. */
export function Replies({
  projectId,
  before,
  after,
}: {
  projectId: string;
  before: Run | undefined;
  after: Run | undefined;
}) {
  const trpc = useTRPC();
  const ofRun = (run: Run | undefined) =>
    trpc.training.samples.queryOptions(
      { projectId, runId: run?.id ?? "" },
      {
        enabled: run !== undefined && run.status !== "queued",
        refetchInterval: run && isOver(run) ? false : REFRESH_MS,
      },
    );
  const first = useQuery(ofRun(before)).data ?? [];
  const last = useQuery(ofRun(after)).data ?? [];
  const steps = last.map(({ step }) => step).filter((step) => step > 0);
  const at = steps.length > 0 ? Math.max(...steps) : null;
  const rows = first.filter(({ step }) => step === 0).sort((a, b) => a.position - b.position);
  if (rows.length === 0) return null;
  return (
    <Section title="Replies before and after">
      <Table label="Replies before and after">
        <thead>
          <tr>
            <Th>Prompt</Th>
            <Th>The base</Th>
            <Th>{at === null ? "After DPO: not yet" : `After DPO, step ${at}`}</Th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ position, prompt, completion }) => (
            <Tr key={position}>
              <Td dir="auto" className="min-w-40 max-w-64 font-medium">
                {prompt}
              </Td>
              <Td dir="auto" className="min-w-48 max-w-96 whitespace-pre-wrap break-words">
                {completion}
              </Td>
              <Td dir="auto" className="min-w-48 max-w-96 whitespace-pre-wrap break-words">
                {last.find((one) => one.position === position && one.step === at)?.completion}
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
