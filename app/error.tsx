"use client";
import { useEffect, useState } from "react";
import { z } from "zod";
import { Button } from "./components/ui/button";
import { Empty } from "./components/ui/empty";

const healthSchema = z.object({ missing: z.array(z.string()) });

export default function PageError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  useEffect(() => console.error(error), [error]);
  const [missing, setMissing] = useState<string[]>([]);
  useEffect(() => {
    fetch("/api/health")
      .then(async (response) => setMissing(healthSchema.parse(await response.json()).missing))
      // Then the site itself is away, and there is nothing to add.
      .catch(() => {});
  }, []);
  return (
    <main className="flex min-h-dvh items-center">
      <Empty
        title="This page could not be shown"
        action={
          <Button variant="primary" onClick={reset}>
            Try again
          </Button>
        }
      >
        {missing.includes("disk") && <p className="mb-2">The disk of this site is full: tell an admin.</p>}
        {missing.includes("database") && <p className="mb-2">The database is away at the moment.</p>}
        <p>Nothing you saved is affected. If it happens again, tell an admin what you did.</p>
        {error.digest && (
          <p className="mt-2 text-xs">
            The server&rsquo;s log has the cause under <code className="font-mono">{error.digest}</code>.
          </p>
        )}
      </Empty>
    </main>
  );
}
