import { Badge } from "@/app/components/ui/badge";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount } from "@/app/components/units";
import type { ColumnUse } from "@/server/import/schema";

/** What becomes of every column: nothing of a row is left out without a word. */
export function ColumnUses({ columns }: { columns: readonly ColumnUse[] }) {
  const hasFiles = new Set(columns.map(({ file }) => file)).size > 1;
  return (
    <Section title="What becomes of the columns">
      <Table label="Columns" className="max-w-3xl">
        <thead>
          <tr>
            {hasFiles && <Th>File</Th>}
            <Th>Column</Th>
            <Th numeric>Rows</Th>
            <Th>Goes to</Th>
          </tr>
        </thead>
        <tbody>
          {columns.map(({ file, name, rows, goesTo, looksLike }) => (
            <Tr key={`${file} ${name}`}>
              {hasFiles && <Td className="max-w-48 truncate">{file}</Td>}
              <Td className="break-words font-mono text-xs">{name}</Td>
              <Td numeric>{amount(rows)}</Td>
              <Td>
                {goesTo.join(", ") || "nothing yet"}{" "}
                {looksLike && <Badge tone="warn">looks like a {looksLike}, not used</Badge>}
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
