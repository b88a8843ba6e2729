import type { Metadata } from "next";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { JudgePage } from "./judge-page";

export const metadata: Metadata = { title: "Judge" };

export default async function OneJudgePage({ params }: PageProps<"/projects/[projectId]/judges/[judgeId]">) {
  const of = await params;
  const [{ role }] = await Promise.all([
    caller.project.get(of),
    queryClientOf().prefetchQuery(trpc.judge.get.queryOptions(of)),
  ]);
  return (
    <Hydrate>
      <JudgePage {...of} mayManage={role === "manager"} />
    </Hydrate>
  );
}
