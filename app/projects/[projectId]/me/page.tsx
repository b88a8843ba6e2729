import type { Metadata } from "next";
import { MyWork } from "./my-work";

export const metadata: Metadata = { title: "My work" };

export default async function Page({ params }: PageProps<"/projects/[projectId]/me">) {
  const { projectId } = await params;
  return <MyWork projectId={projectId} />;
}
