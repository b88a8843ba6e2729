import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { writeJson } from "@/db/shape/written-json";
import type { FilePreview } from "@/server/import/schema";

/** The first rows as they stand in the file. */
export function RawRows({ preview }: { preview: FilePreview }) {
  return (
    <div className="scroll-thin max-h-96 overflow-auto">
      <Table label={`Rows of ${preview.name} as they stand there`}>
        <thead>
          <tr>
            <Th numeric>Row</Th>
            {preview.columns.map((column) => (
              <Th key={column} className="font-mono">
                {column}
              </Th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row, index) => (
            <Tr key={index}>
              <Td numeric className="text-muted">
                {index + 1}
              </Td>
              {preview.columns.map((column) => (
                <Td key={column} className="min-w-24">
                  <div dir="auto" className="line-clamp-3 max-w-96 break-words text-xs">
                    {cellText(row[column])}
                  </div>
                </Td>
              ))}
            </Tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

const CELL = 400;

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : writeJson(value);
  return text.slice(0, CELL);
}
