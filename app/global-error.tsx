"use client";

/** Shown when even the layout fails, so it relies on nothing but the browser. */
export default function GlobalError({ reset }: { error: Error; reset: () => void }) {
  return (
    <html lang="en">
      <body>
        <main>
          <h1>Concord could not be shown</h1>
          <p>Nothing you saved is affected. The server may be starting; try again in a moment.</p>
          <button type="button" onClick={reset}>
            Try again
          </button>
        </main>
      </body>
    </html>
  );
}
