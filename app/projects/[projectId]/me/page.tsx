import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Say } from "@/app/i18n/say";
import { MyWork } from "./my-work";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("me");
  return { title: t("title") };
}

export default async function Page({ params }: PageProps<"/projects/[projectId]/me">) {
  const { projectId } = await params;
  return (
    <Say words={["me", "norming", "redTeam"]}>
      <MyWork projectId={projectId} />
    </Say>
  );
}
