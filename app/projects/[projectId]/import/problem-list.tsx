import { Badge } from "@/app/components/ui/badge";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { type Problem, problemCatalogue } from "@/server/import/schema";

/** Problems with their place, their reason and what to do about them. */
export function ProblemList({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  const hasRows = problems.some(({ row, line }) => row !== undefined || line !== undefined);
  return (
    <Table label="Problems">
      <thead>
        <tr>
          <Th>Severity</Th>
          <Th>File</Th>
          {hasRows && (
            <>
              <Th numeric>Line</Th>
              <Th numeric>Row</Th>
              <Th>Field</Th>
            </>
          )}
          <Th>What is wrong, and what to do</Th>
        </tr>
      </thead>
      <tbody>
        {problems.map((problem, index) => (
          <Tr key={index}>
            <Td>
              <Badge tone={problem.severity === "error" ? "bad" : "warn"}>{problem.severity}</Badge>
            </Td>
            <Td className="max-w-48 truncate">{problem.file}</Td>
            {hasRows && (
              <>
                <Td numeric>{problem.line?.toLocaleString("en")}</Td>
                <Td numeric>{problem.row?.toLocaleString("en")}</Td>
                <Td className="font-mono text-xs">{problem.field}</Td>
              </>
            )}
            <Td className="min-w-64">
              {problem.message} <span className="text-muted">{problemCatalogue[problem.code].advice}</span>
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
