import { Download } from "lucide-react";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { ScrollBox } from "@/app/components/ui/scroll-box";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount, counted } from "@/app/components/units";
import { type ImportSeats, type ImportSurvey, problemCatalogue } from "@/server/import/schema";
import { ColumnUses } from "./column-uses";
import { type ImportChoice, ImportChoices } from "./import-choice";
import { ProblemList } from "./problem-list";

/** What the files hold and everything that is wrong with them; after a check, the ways to go on. */
export function SurveyReport({
  projectId,
  runId,
  survey,
  seats,
  asked,
  isBusy,
  onImport,
}: {
  projectId: string;
  runId: string;
  survey: ImportSurvey;
  /** What it leaves for experts; absent in checks of before. */
  seats: ImportSeats | undefined;
  /** Raters per task, where they were chosen. */
  asked: number | undefined;
  isBusy: boolean;
  /** Absent once they were imported. */
  onImport: ((badRows: "refuse" | "skip", choice: ImportChoice) => void) | null;
}) {
  const { rows, records, judgements, errors, rejectedRows, firstProblems } = survey;
  const found = Object.values(survey.problems).reduce((sum, count) => sum + count, 0);
  const file = (name: string) => `/api/v1/projects/${projectId}/runs/${runId}/files/${name}`;
  return (
    <>
      <Section title="What the files hold">
        <p className="text-sm">
          {amount(rows)} rows: <strong>{amount(records)}</strong> can be imported
          {judgements > 0 && ` with ${amount(judgements)} judgements`}
          {rejectedRows > 0 ? `, ${amount(rejectedRows)} cannot.` : "."}
        </p>
        <ul className="flex flex-col gap-1 text-sm">
          {survey.files.map((read) => (
            <li key={read.name} className="flex flex-wrap items-baseline gap-x-2">
              <span className="font-medium">{read.name}</span>
              <Badge tone={read.shape ? "good" : "bad"}>{read.shape?.title ?? "not recognised"}</Badge>
              <span className="text-xs text-muted">{read.reason}</span>
            </li>
          ))}
        </ul>
        {onImport && (
          <ImportChoices
            survey={survey}
            seats={seats}
            asked={asked}
            isBusy={isBusy}
            onImport={(choice) => onImport(errors === 0 ? "refuse" : "skip", choice)}
          />
        )}
      </Section>
      {survey.columns.length > 0 && <ColumnUses columns={survey.columns} />}
      {found > 0 && (
        <Section title={counted(found, "problem")}>
          <Table label="Problems by kind" className="max-w-4xl">
            <thead>
              <tr>
                <Th numeric>Times</Th>
                <Th>Kind</Th>
                <Th>What to do</Th>
              </tr>
            </thead>
            <tbody>
              {problemKinds(survey).map(({ code, severity, advice, count }) => (
                <Tr key={code}>
                  <Td numeric>{amount(count)}</Td>
                  <Td>
                    <Badge tone={severity === "error" ? "bad" : "warn"}>{code.replaceAll("-", " ")}</Badge>
                  </Td>
                  <Td className="text-muted">{advice}</Td>
                </Tr>
              ))}
            </tbody>
          </Table>
          <div className="flex flex-wrap gap-2 py-1">
            <Button asChild size="sm">
              <a href={file("problems.jsonl")} download>
                <Download aria-hidden="true" />
                All problems
              </a>
            </Button>
            {rejectedRows > 0 && (
              <Button asChild size="sm">
                <a href={file("rejected.jsonl")} download>
                  <Download aria-hidden="true" />
                  The bad rows
                </a>
              </Button>
            )}
          </div>
          {found > firstProblems.length && (
            <p className="text-sm text-muted">The first {amount(firstProblems.length)} of them:</p>
          )}
          <ScrollBox label="Problems" className="max-h-[32rem] border">
            <ProblemList problems={firstProblems} />
          </ScrollBox>
        </Section>
      )}
    </>
  );
}

/** Errors first, then by how often they occur. */
function problemKinds(survey: ImportSurvey) {
  return Object.entries(problemCatalogue)
    .map(([code, { severity, advice }]) => ({ code, severity, advice, count: survey.problems[code] ?? 0 }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => (a.severity === b.severity ? b.count - a.count : a.severity === "error" ? -1 : 1));
}
