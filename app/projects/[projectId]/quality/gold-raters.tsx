"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FigureName } from "@/app/components/figure";
import { useKeptText } from "@/app/components/thread/kept-text";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount, percent } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { GoldRater } from "@/server/gold/schema";
import type { Quality } from "@/server/quality/schema";
import { interval } from "@/server/statistics/share";
import { ReasonDialog } from "../preferences/reason-dialog";

const reasons = {
  accuracy: "paused: wrong too often",
  qualification: "did not qualify",
  manager: "paused by a manager",
} as const;
const verdicts = { block: "bad", clear: "good", undecided: "undecided" } as const;

type Row = GoldRater & { name: string };
const share = ({ right, of }: GoldRater["attention"]) =>
  of === 0 ? "—" : `${amount(right)} of ${amount(of)}`;

/** How often raters are right where the answer is known, and who gets no tasks. */
export function GoldRaters({
  projectId,
  raters,
  mayManage,
}: {
  projectId: string;
  raters: Quality["raters"];
  mayManage: boolean;
}) {
  const trpc = useTRPC();
  const figures = useQuery(trpc.gold.raters.queryOptions({ projectId }));
  const [acting, setActing] = useState<Row | null>(null);
  const rows = (figures.data ?? []).flatMap((row) => {
    const who = raters.find(({ id }) => id === row.raterId);
    const isKnown = row.accuracy || row.attention.of + row.qualification.of > 0 || row.blockedAt;
    return who && (isKnown || (mayManage && who.role !== null)) ? [{ ...row, name: who.name }] : [];
  });
  return (
    <Section title="Known answers">
      {figures.error && <p role="alert">{figures.error.message}</p>}
      <Table label="Known answers">
        <thead>
          <tr>
            <Th>Rater</Th>
            <Th numeric>
              <FigureName id="goldAccuracy" />
            </Th>
            <Th numeric>
              <FigureName id="goldAttention" />
            </Th>
            <Th numeric>
              <FigureName id="goldQualification" />
            </Th>
            <Th>Test</Th>
            <Th>
              <span className="sr-only">State</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Tr key={row.raterId}>
              <Td className="whitespace-nowrap font-medium">{row.name}</Td>
              <Td numeric>
                {row.accuracy ? (
                  <>
                    {interval(row.accuracy.estimate, row.accuracy)}
                    <span className="block text-xs text-muted">
                      {share(row.accuracy)} right; below 70 % with probability{" "}
                      {percent(row.accuracy.below, 1)}
                    </span>
                  </>
                ) : (
                  "—"
                )}
              </Td>
              <Td numeric>{share(row.attention)}</Td>
              <Td numeric>{share(row.qualification)}</Td>
              <Td>{row.verdict && row.accuracy ? verdicts[row.verdict] : "—"}</Td>
              <Td className="text-end">
                <span className="inline-flex items-center gap-2">
                  {row.blockReason && <Badge tone="warn">{reasons[row.blockReason]}</Badge>}
                  {mayManage && (
                    <Button
                      aria-label={`${row.blockedAt ? "Let go on" : "Pause"}: ${row.name}`}
                      onClick={() => setActing(row)}
                    >
                      {row.blockedAt ? "Let them go on…" : "Pause…"}
                    </Button>
                  )}
                </span>
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      {acting && <Act projectId={projectId} row={acting} onClose={() => setActing(null)} />}
    </Section>
  );
}

function Act({ projectId, row, onClose }: { projectId: string; row: Row; onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const isBlocked = row.blockedAt !== null;
  const { raterId } = row;
  const name = `${isBlocked ? "unblock" : "block"} ${raterId}`;
  const [, keepText] = useKeptText(name);
  const done = {
    onSuccess: async () => {
      keepText("");
      onClose();
      await client.invalidateQueries({ queryKey: trpc.gold.pathKey() });
    },
  };
  const block = useMutation(trpc.gold.block.mutationOptions(done));
  const unblock = useMutation(trpc.gold.unblock.mutationOptions(done));
  const mutation = isBlocked ? unblock : block;
  return (
    <ReasonDialog
      name={name}
      title={isBlocked ? `Let ${row.name} go on?` : `Pause ${row.name}?`}
      description={
        isBlocked
          ? row.blockReason === "qualification"
            ? "They get tasks without having passed the qualification."
            : "They get tasks again, and the test begins anew with their next answers."
          : "They get no more tasks, and those at hand go to others at once. What they judged stays as it is."
      }
      help="It stands in the audit log."
      submit={isBlocked ? "Let them go on" : "Pause"}
      busy={mutation.isPending}
      error={mutation.error}
      onClose={onClose}
      onReason={(reason) => mutation.mutate({ projectId, raterId, reason })}
    />
  );
}
