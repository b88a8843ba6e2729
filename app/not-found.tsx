import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Button } from "./components/ui/button";
import { Empty } from "./components/ui/empty";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("ui.missing");
  return { title: t("title") };
}

export default async function NotFound() {
  const t = await getTranslations("ui.missing");
  return (
    <main className="flex min-h-dvh items-center">
      <Empty
        title={t("title")}
        action={
          <Button asChild variant="primary">
            <Link href="/projects">{t("projects")}</Link>
          </Button>
        }
      >
        <p>{t("detail")}</p>
      </Empty>
    </main>
  );
}
