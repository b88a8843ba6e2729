"use client";
import { useQuery } from "@tanstack/react-query";
import { Boxes } from "lucide-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useState } from "react";
import { FigureInfo } from "@/app/components/figure";
import { PageHeader } from "@/app/components/shell/page-header";
import { LossBadge } from "@/app/components/training/learnt";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { useTRPC } from "@/app/trpc/client";
import type { Model } from "@/server/model/schema";
import { accuracyOf } from "@/server/model/words";
import { accuracyText } from "./accuracy";

/** Loaded when the first one is added. */
const AddModel = dynamic(() => import("./add-model").then((form) => form.AddModel));

function shareRight(model: Model): number {
  const accuracy = accuracyOf(model);
  return accuracy ? accuracy.right / accuracy.compared : -1;
}

type Order = "time" | "accuracy" | "loss";

/** The registry, and by sorting it the leaderboard: held-out measures with their intervals. */
export function Models({ projectId, mayManage }: { projectId: string; mayManage: boolean }) {
  const trpc = useTRPC();
  // Null until it is first opened; from then on it keeps what is filled in.
  const [adding, setAdding] = useState<boolean | null>(null);
  const [order, setOrder] = useState<Order>("time");
  const models = useQuery(trpc.model.list.queryOptions({ projectId }));
  const add = mayManage && (
    <Button variant="primary" onClick={() => setAdding(true)}>
      Add a base model
    </Button>
  );
  const byId = new Map(models.data?.map((model) => [model.id, model]));
  const sorted = [...(models.data ?? [])].sort((a, b) => {
    if (order === "accuracy") return shareRight(b) - shareRight(a);
    if (order === "loss")
      return (
        (a.metrics.eval_loss ?? Number.POSITIVE_INFINITY) - (b.metrics.eval_loss ?? Number.POSITIVE_INFINITY)
      );
    return b.createdAt.getTime() - a.createdAt.getTime();
  });
  return (
    <>
      <PageHeader
        title="Models"
        actions={
          models.data?.length ? (
            <>
              <Button asChild>
                <Link href={`/projects/${projectId}/models/scorecard`}>Scorecard</Link>
              </Button>
              {add}
            </>
          ) : null
        }
      >
        {models.data && models.data.length > 0 && (
          <p className="text-sm text-muted">{models.data.length} models</p>
        )}
      </PageHeader>
      {models.data?.length === 0 ? (
        <Empty icon={<Boxes />} title="No models yet" action={add}>
          Add a base model, then train it from a dataset version. Every model keeps the way back to the
          judgements behind it.
        </Empty>
      ) : (
        <Table label="Models">
          <thead>
            <tr>
              <Th>Model</Th>
              <Th>Made by</Th>
              <Th>From</Th>
              <Th
                numeric
                sorted={order === "loss" && "asc"}
                onSort={() => setOrder("loss")}
                aside={<FigureInfo id="heldOutMeasures" />}
              >
                Held-out loss
              </Th>
              <Th
                numeric
                sorted={order === "accuracy" && "desc"}
                onSort={() => setOrder("accuracy")}
                aside={<FigureInfo id="accuracy" />}
              >
                Held-out accuracy, 95 % interval
              </Th>
              <Th sorted={order === "time" && "desc"} onSort={() => setOrder("time")}>
                Made
              </Th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((model) => {
              return (
                <Tr key={model.id}>
                  <Td>
                    <Link
                      href={`/projects/${projectId}/models/${model.id}`}
                      className="font-medium hover:underline"
                    >
                      {model.name}
                    </Link>{" "}
                    {model.format === "adapter" && <Badge>adapter</Badge>}{" "}
                    <LossBadge course={model.heldOut?.loss} />
                  </Td>
                  <Td>
                    <Badge tone={model.method === "base" ? "neutral" : "accent"}>{model.method}</Badge>
                  </Td>
                  <Td className="text-muted">{byId.get(model.parentId ?? "")?.name}</Td>
                  <Td numeric>{model.metrics.eval_loss?.toFixed(4) ?? "—"}</Td>
                  <Td numeric>{accuracyText(model) ?? "—"}</Td>
                  <Td className="whitespace-nowrap text-muted">
                    <time dateTime={model.createdAt.toISOString()} suppressHydrationWarning>
                      {model.createdAt.toLocaleString()}
                    </time>
                  </Td>
                </Tr>
              );
            })}
          </tbody>
        </Table>
      )}
      {adding !== null && <AddModel projectId={projectId} open={adding} onOpenChange={setAdding} />}
    </>
  );
}
