import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { fromAddress } from "@/app/components/table/address";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { lookAddress } from "../address";
import { ReportPage } from "./report";

export const metadata: Metadata = { title: "Report" };

export default async function ConclusionReportPage({
  params,
  searchParams,
}: PageProps<"/projects/[projectId]/conclusions/report">) {
  const { projectId } = await params;
  const { role } = await caller.project.get({ projectId });
  if (role === "annotator") redirect(`/projects/${projectId}/desk`);
  const look = fromAddress(lookAddress, await searchParams);
  await queryClientOf().prefetchQuery(trpc.conclusion.report.queryOptions({ projectId, ...look }));
  return (
    <Hydrate>
      <ReportPage projectId={projectId} />
    </Hydrate>
  );
}
