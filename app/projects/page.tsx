import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { PersonMenu } from "@/app/components/shell/person-menu";
import { Mark } from "@/app/components/shell/project-switcher";
import { Say } from "@/app/i18n/say";
import { caller, Hydrate, queryClientOf, requestContext, trpc } from "@/app/trpc/server";
import { Projects } from "./projects";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("projects");
  return { title: t("title") };
}

export default async function ProjectsPage() {
  const { viewer } = await requestContext();
  if (!viewer) redirect("/sign-in");
  const { items } = await caller.project.list();
  const [only] = items;
  // Whoever judges in one project has nothing to choose here.
  if (only && items.length === 1 && !viewer.isAdmin && only.role === "annotator")
    redirect(`/projects/${only.id}/desk`);
  await queryClientOf().prefetchQuery(trpc.project.list.queryOptions());
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex h-12 items-center gap-2 border-b bg-sunken px-4 md:px-6">
        <Mark />
        <span className="flex-1 font-semibold">Concord</span>
        <PersonMenu person={viewer} narrow />
      </header>
      <main id="main" className="mx-auto w-full max-w-5xl flex-1">
        <Hydrate>
          <Say words={["projects"]}>
            <Projects />
          </Say>
        </Hydrate>
      </main>
    </div>
  );
}
