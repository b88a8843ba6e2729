import Link from "next/link";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { PersonMenu } from "@/app/components/shell/person-menu";
import { Mark } from "@/app/components/shell/project-switcher";
import { requestContext } from "@/app/trpc/server";

/** The frame of pages that belong to no project. */
export default async function PersonLayout({ children }: { children: ReactNode }) {
  const { viewer } = await requestContext();
  if (!viewer) redirect("/sign-in");
  const t = await getTranslations("shell");
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex h-12 items-center gap-2 border-b bg-sunken px-4 md:px-6">
        <Mark />
        <Link href="/projects" className="flex-1 font-semibold hover:underline">
          {t("projects")}
        </Link>
        <PersonMenu person={viewer} narrow />
      </header>
      <main id="main" className="mx-auto w-full max-w-5xl flex-1 pb-10">
        {children}
      </main>
    </div>
  );
}
