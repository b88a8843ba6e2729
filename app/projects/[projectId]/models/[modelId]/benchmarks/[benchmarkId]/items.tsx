"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Select } from "@/app/components/ui/field";
import { Code } from "@/app/components/ui/scroll-box";
import { Section } from "@/app/components/ui/section";
import { Segmented } from "@/app/components/ui/segmented";
import { amount, counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { BenchmarkDetail, BenchmarkItem, itemKinds } from "@/server/benchmark/schema";

type Show = (typeof itemKinds)[number];

const shown: readonly { value: Show; label: string }[] = [
  { value: "all", label: "All" },
  { value: "wrong", label: "Not right" },
  { value: "right", label: "Right" },
  { value: "failed", label: "Failed" },
  { value: "tainted", label: "Met in training" },
  { value: "cut", label: "Cut" },
];

/** Every item that was asked, a page at a time: what stands behind the figures. */
export function Items({ projectId, benchmark }: { projectId: string; benchmark: BenchmarkDetail }) {
  const trpc = useTRPC();
  const [show, setShow] = useState<Show>("all");
  const [group, setGroup] = useState("");
  /** Where each page begins; the last is the one that is shown. */
  const [pages, setPages] = useState([-1]);
  const of = benchmark.groups[Number(group)];
  const chosen = group === "" || !of ? {} : { field: of.field, kind: of.kind };
  const after = pages.at(-1) ?? -1;
  const items = useQuery(
    trpc.benchmark.items.queryOptions(
      { projectId, benchmarkId: benchmark.id, show, after, ...chosen },
      { placeholderData: keepPreviousData },
    ),
  );
  const next = items.data?.next ?? null;
  const restart = () => setPages([-1]);
  return (
    <Section title="Items">
      <div className="flex flex-wrap items-center gap-3">
        <Segmented
          label="Items"
          value={show}
          onChange={(next) => {
            setShow(next);
            restart();
          }}
          options={shown}
        />
        {benchmark.groups.length > 0 && (
          <Select
            aria-label="Kind of items"
            className="w-56"
            value={group}
            onChange={({ target }) => {
              setGroup(target.value);
              restart();
            }}
          >
            <option value="">Every kind</option>
            {benchmark.groups.map(({ field, kind }, index) => (
              <option key={`${field} ${kind}`} value={index}>
                {field}: {kind}
              </option>
            ))}
          </Select>
        )}
        <p role="status" className="text-sm text-muted tabular">
          {items.data ? counted(items.data.total, "item") : ""}
        </p>
      </div>
      {items.error && (
        <p role="alert" className="text-sm text-bad">
          {items.error.message}
        </p>
      )}
      <ul className="flex flex-col divide-y rounded-md border empty:hidden">
        {items.data?.items.map((item) => (
          <Item key={item.position} item={item} />
        ))}
      </ul>
      <div className="flex gap-2">
        {pages.length > 1 && <Button onClick={() => setPages(pages.slice(0, -1))}>Previous</Button>}
        {next !== null && <Button onClick={() => setPages([...pages, next])}>Next</Button>}
      </div>
    </Section>
  );
}

function Item({ item }: { item: BenchmarkItem }) {
  const { position, prompt, continuations, target, replies, read, score, failed, cut, tainted } = item;
  const tail = prompt.trim().split("\n").filter(Boolean).slice(-6).join(" ").slice(-240);
  return (
    <li>
      <details>
        <summary className="flex cursor-pointer items-baseline gap-3 px-3 py-1.5 text-sm hover:bg-hover/60">
          <span className="text-muted tabular">{amount(position + 1)}</span>
          <span dir="auto" className="min-w-0 flex-1 truncate">
            {tail}
          </span>
          {tainted && <Badge tone="warn">met in training</Badge>}
          {cut && <Badge tone="warn">cut</Badge>}
          {failed && <Badge tone="bad">failed</Badge>}
          {score !== null && (
            <Badge tone={score === 1 ? "good" : score === 0 ? "bad" : "neutral"}>
              {score === 1 ? "right" : score === 0 ? "wrong" : amount(score)}
            </Badge>
          )}
        </summary>
        <div className="flex flex-col gap-2 border-t px-3 py-2 text-sm">
          <Code className="whitespace-pre-wrap">{prompt}</Code>
          {continuations.length > 0 ? (
            <table className="w-fit border-separate border-spacing-x-4">
              <thead>
                <tr>
                  <th scope="col" className="text-start text-xs font-medium text-muted">
                    What may follow
                  </th>
                  <th scope="col" className="text-start text-xs font-medium text-muted">
                    Log-likelihood, nats
                  </th>
                </tr>
              </thead>
              <tbody>
                {continuations.map((one, index) => (
                  <tr key={index}>
                    <td dir="auto" className="align-top">
                      {one.trim()}
                    </td>
                    <td className="align-top tabular">{replies[index]}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          ) : (
            replies.map((reply, index) => (
              <p key={index} dir="auto" className="whitespace-pre-wrap break-words">
                <span className="text-muted">Answer: </span>
                {reply}
              </p>
            ))
          )}
          <p className="break-words">
            <span className="text-muted">Expected: </span>
            {target}
          </p>
          {read.map(({ filter, left, scores }) => (
            <p key={filter} className="text-muted">
              {continuations.length === 0 && (
                <>
                  read as <span className="text-ink">{left.join(" / ") || "nothing"}</span>
                  {filter !== "none" && ` by ${filter}`}:{" "}
                </>
              )}
              {scores.map(({ metric, value }) => `${metric} ${value}`).join(", ")}
            </p>
          ))}
          {tainted && <p>Met in training: {tainted}.</p>}
        </div>
      </details>
    </li>
  );
}
