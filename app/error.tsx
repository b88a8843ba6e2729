"use client";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { Button } from "./components/ui/button";
import { Empty } from "./components/ui/empty";

/** What the site says of itself. */
const missingIn = (health: unknown): string[] =>
  typeof health === "object" && health !== null && "missing" in health && Array.isArray(health.missing)
    ? health.missing.filter((part) => typeof part === "string")
    : [];

export default function PageError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  const t = useTranslations("ui.failed");
  const ui = useTranslations("ui");
  useEffect(() => console.error(error), [error]);
  const [missing, setMissing] = useState<string[]>([]);
  useEffect(() => {
    fetch("/api/health")
      .then(async (response) => setMissing(missingIn(await response.json())))
      // Then the site itself is away, and there is nothing to add.
      .catch(() => {});
  }, []);
  return (
    <main className="flex min-h-dvh items-center">
      <Empty
        title={t("title")}
        action={
          <Button variant="primary" onClick={reset}>
            {ui("tryAgain")}
          </Button>
        }
      >
        {missing.includes("disk") && <p className="mb-2">{t("disk")}</p>}
        {missing.includes("database") && <p className="mb-2">{t("database")}</p>}
        <p>{t("detail")}</p>
        {error.digest && (
          <p className="mt-2 text-xs">
            {t.rich("cause", {
              digest: error.digest,
              code: (chunks) => <code className="font-mono">{chunks}</code>,
            })}
          </p>
        )}
      </Empty>
    </main>
  );
}
