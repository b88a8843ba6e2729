import Link from "next/link";
import { Button } from "@/app/components/ui/button";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount, counted, duration } from "@/app/components/units";
import type { ImportCounts, ImportSeats } from "@/server/import/schema";

/** What the desk is left with, also where that is nothing. */
function askedOf({ open, secondsEach, tasks }: ImportSeats): string {
  if (open > 0)
    return `Experts are asked for ${counted(open, "judgement")}, about ${duration(open * secondsEach)}.`;
  return tasks.judged > 0
    ? `Nothing is open for experts: the file’s verdicts were kept for ${counted(tasks.judged, "task")}.`
    : "Nothing is open for experts.";
}

const nouns = ["prompts", "responses", "tasks", "judgements"] as const;

/** What the import changed, and where to go on. */
export function Imported({
  projectId,
  counts,
  seats,
}: {
  projectId: string;
  counts: ImportCounts;
  seats: ImportSeats | undefined;
}) {
  const home = `/projects/${projectId}`;
  return (
    <Section title="Imported">
      <Table label="What the import changed" className="max-w-xl">
        <thead>
          <tr>
            <Th>What</Th>
            <Th numeric>New</Th>
            <Th numeric>Known before</Th>
          </tr>
        </thead>
        <tbody>
          {nouns.map((noun) => (
            <Tr key={noun}>
              <Td>{noun}</Td>
              <Td numeric>{amount(counts[noun].added)}</Td>
              <Td numeric>{amount(counts[noun].known)}</Td>
            </Tr>
          ))}
          <Tr>
            <Td>raters of the study</Td>
            <Td numeric>{amount(counts.raters)}</Td>
            <Td />
          </Tr>
          <Tr>
            <Td>preferences</Td>
            <Td numeric>{amount(counts.preferences)}</Td>
            <Td />
          </Tr>
        </tbody>
      </Table>
      {counts.questions.length > 0 && (
        <p className="text-sm text-muted">
          The form gained {counts.questions.map((id) => `“${id}”`).join(", ")}, so that the imported answers
          have a place.
        </p>
      )}
      {seats && <p className="max-w-prose text-sm">{askedOf(seats)}</p>}
      <div className="flex flex-wrap gap-2 pt-2">
        <Button asChild variant="primary">
          <Link href={`${home}/prompts`}>See the prompts</Link>
        </Button>
        <Button asChild>
          <Link href={`${home}/tasks`}>See the tasks</Link>
        </Button>
        {counts.preferences > 0 && (
          <Button asChild>
            <Link href={`${home}/preferences`}>See the preferences</Link>
          </Button>
        )}
      </div>
    </Section>
  );
}
