"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/app/trpc/client";
import { GoldItems } from "./gold-items";
import { GoldPolicyForm } from "./gold-policy-form";

/** Tasks whose answer is known: how they are dealt with, and which there are. */
export function Gold({ projectId }: { projectId: string }) {
  const trpc = useTRPC();
  const settings = useQuery(trpc.gold.settings.queryOptions({ projectId }));
  const items = useQuery(trpc.gold.list.queryOptions({ projectId }));
  const raters = useQuery(trpc.rater.list.queryOptions({ projectId }));
  const error = settings.error ?? items.error ?? raters.error;
  if (error) return <p role="alert">{error.message}</p>;
  if (!settings.data || !items.data || !raters.data) return <p className="text-sm text-muted">Loading…</p>;
  return (
    <div className="flex flex-col gap-8">
      <GoldPolicyForm projectId={projectId} settings={settings.data} />
      <GoldItems
        projectId={projectId}
        items={items.data}
        adjudications={settings.data.adjudications}
        raters={raters.data}
      />
    </div>
  );
}
