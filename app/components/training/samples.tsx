"use client";
import { useQuery } from "@tanstack/react-query";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { useTRPC } from "@/app/trpc/client";

/** What the model replied to the fixed prompts, checkpoint by checkpoint, side by side. */
export function TrainingSamples({ projectId, runId }: { projectId: string; runId: string }) {
  const trpc = useTRPC();
  const samples = useQuery(trpc.training.samples.queryOptions({ projectId, runId }));
  if (!samples.data?.length) return null;
  const steps = [...new Set(samples.data.map(({ step }) => step))].sort((a, b) => a - b);
  const prompts = [...new Map(samples.data.map(({ position, prompt }) => [position, prompt]))].sort(
    ([a], [b]) => a - b,
  );
  const at = new Map(
    samples.data.map(({ position, step, completion }) => [`${position} ${step}`, completion]),
  );
  return (
    <Section title="Samples">
      <Table label="Samples by step">
        <thead>
          <tr>
            <Th>Prompt</Th>
            {steps.map((step) => (
              <Th key={step}>step {step}</Th>
            ))}
          </tr>
        </thead>
        <tbody>
          {prompts.map(([position, prompt]) => (
            <Tr key={position}>
              <Td dir="auto" className="min-w-40 max-w-64 font-medium">
                {prompt}
              </Td>
              {steps.map((step) => (
                <Td key={step} dir="auto" className="min-w-48 max-w-80 whitespace-pre-wrap break-words">
                  {at.get(`${position} ${step}`)}
                </Td>
              ))}
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
