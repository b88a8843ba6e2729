"use client";
import { useEffect } from "react";
import { Button } from "./components/ui/button";
import { Empty } from "./components/ui/empty";

export default function PageError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  useEffect(() => console.error(error), [error]);
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
