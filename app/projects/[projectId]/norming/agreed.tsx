import { FigureName } from "@/app/components/figure";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import type { ShownNorming } from "@/server/norming/schema";

type Measured = ShownNorming["parts"][number]["before"];

const two = (value: number) => value.toFixed(2);

function Value({ measured, signed = false }: { measured: Measured; signed?: boolean }) {
  if (!measured) return "—";
  const { estimate, low, high, n, reason } = measured;
  const text = (value: number) => (signed && value > 0 ? `+${two(value)}` : two(value));
  return (
    <>
      {estimate === null ? "—" : text(estimate)}
      {low !== null && high !== null && ` [${text(low)}, ${text(high)}]`}
      <span className="ms-auto block max-w-64 text-xs whitespace-normal text-muted">
        {reason ?? `From ${n} items.`}
      </span>
    </>
  );
}

/** How far raters agreed before they talked and after, for those who run the project. */
export function Agreed({ parts }: { parts: ShownNorming["parts"] }) {
  if (parts.length === 0) return null;
  return (
    <Section title="Agreement before and after">
      <Table label="Agreement before and after">
        <thead>
          <tr>
            <Th>Question</Th>
            <Th numeric>
              <FigureName id="normingBefore" />
            </Th>
            <Th numeric>
              <FigureName id="normingAfter" />
            </Th>
            <Th numeric>
              <FigureName id="normingChange" />
            </Th>
          </tr>
        </thead>
        <tbody>
          {parts.map(({ questionId, attribute, label, before, after, change }) => (
            <Tr key={`${questionId} ${attribute}`}>
              <Td>{label}</Td>
              <Td numeric>
                <Value measured={before} />
              </Td>
              <Td numeric>
                <Value measured={after} />
              </Td>
              <Td numeric>
                <Value measured={change} signed />
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
