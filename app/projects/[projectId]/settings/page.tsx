import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { Settings } from "./settings";

export const metadata: Metadata = { title: "Settings" };

export default async function SettingsPage({ params }: PageProps<"/projects/[projectId]/settings">) {
  const { projectId } = await params;
  const client = queryClientOf();
  const [{ role }] = await Promise.all([
    caller.project.get({ projectId }),
    client.prefetchQuery(trpc.project.get.queryOptions({ projectId })),
    client.prefetchQuery(trpc.project.forms.queryOptions({ projectId })),
    client.prefetchQuery(trpc.project.guidelines.queryOptions({ projectId })),
  ]);
  if (role !== "manager") redirect(`/projects/${projectId}`);
  return (
    <Hydrate>
      <Settings projectId={projectId} />
    </Hydrate>
  );
}
