import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { requestContext } from "@/app/trpc/server";
import { DeskPage } from "./desk-page";

export const metadata: Metadata = { title: "Desk" };

/** Tasks are claimed by the browser: a link that is only prefetched must not take a seat. */
export default async function Page({ params, searchParams }: PageProps<"/projects/[projectId]/desk">) {
  const { projectId } = await params;
  const { seat } = await searchParams;
  const { viewer } = await requestContext();
  if (!viewer) redirect("/sign-in");
  return (
    <DeskPage
      projectId={projectId}
      personId={viewer.personId}
      seat={typeof seat === "string" ? seat : undefined}
    />
  );
}
