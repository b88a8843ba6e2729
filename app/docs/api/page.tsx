import type { Metadata } from "next";
import type { ReactNode } from "react";
import { Code } from "@/app/components/ui/scroll-box";
import { groupBy } from "@/server/group";
import { type FileOperation, fileOperations } from "@/server/openapi/files";
import { type Route, routes } from "@/server/rest/routes";
import { shapeText } from "./shape";

export const metadata: Metadata = { title: "HTTP API" };

/** The HTTP API for readers, from the list that serves it and makes the OpenAPI document. */
export default function ApiPage() {
  const operations: (Route | FileOperation)[] = [...routes(), ...fileOperations];
  const nouns = [...groupBy(operations, ({ name }) => name.split(".")[0] ?? name)];
  nouns.sort(([a], [b]) => a.localeCompare(b));
  return (
    <main className="mx-auto flex w-full max-w-4xl flex-col gap-8 px-5 py-10">
      <header className="flex flex-col gap-3">
        <h1 className="text-xl font-semibold">HTTP API</h1>
        <p>
          Everything a person can do in Concord, for programs. The same as an{" "}
          <a href="/api/v1/openapi.json" className="underline">
            OpenAPI 3.1 document
          </a>
          .
        </p>
        <Code>{`curl -H "Authorization: Bearer $CONCORD_TOKEN" https://…/api/v1/projects`}</Code>
        <dl className="flex flex-col gap-2">
          <Rule name="Tokens">
            Make one under your account. It can do what you can do, until it ends or is revoked.
          </Rule>
          <Rule name="Pages">
            Lists answer with <code>nextCursor</code>; send it back as <code>cursor</code> until it is null.
          </Rule>
          <Rule name="Errors">
            Problem documents (RFC 9457, <code>application/problem+json</code>) with <code>title</code>,{" "}
            <code>status</code>, <code>detail</code> and, for wrong input, <code>errors</code> by field.
          </Rule>
          <Rule name="Repeating safely">
            Send an <code>Idempotency-Key</code> with a request that changes something. Sent again within 24
            hours, it is answered with the first reply and changes nothing again.
          </Rule>
          <Rule name="Long operations">
            Imports, freezes, exports and training are runs: poll the run, or read its events as they happen.
          </Rule>
        </dl>
      </header>
      <nav aria-label="Resources" className="flex flex-wrap gap-x-4 gap-y-1">
        {nouns.map(([noun]) => (
          <a key={noun} href={`#${noun}`} className="underline">
            {noun}
          </a>
        ))}
      </nav>
      {nouns.map(([noun, operations]) => (
        <section key={noun} aria-labelledby={noun} className="flex flex-col gap-2">
          <h2 id={noun} className="text-lg font-semibold">
            {noun}
          </h2>
          {operations.map((route) => (
            <Operation key={route.name} operation={route} />
          ))}
        </section>
      ))}
    </main>
  );
}

function Operation({ operation }: { operation: Route | FileOperation }) {
  return (
    <details className="rounded-md border border-line bg-surface px-3 py-2">
      <summary className="cursor-pointer">
        <code className="font-semibold">{operation.method}</code> <code>{operation.path}</code>{" "}
        <span className="text-muted">{operation.summary}</span>
      </summary>
      <div className="mt-3 flex flex-col gap-3">
        {"gives" in operation ? <Files operation={operation} /> : <Shapes route={operation} />}
      </div>
    </details>
  );
}

function Files({ operation: { takes, gives } }: { operation: FileOperation }) {
  return (
    <p>
      {takes && (
        <>
          The body is the file (<code>{takes}</code>).{" "}
        </>
      )}
      Answers with <code>{gives.media}</code>.
    </p>
  );
}

function Shapes({ route }: { route: Route }) {
  const { input, output, parameters } = route;
  const properties = Object.entries(input.properties).filter(([name]) => !parameters.includes(name));
  const where = route.method === "GET" || route.method === "DELETE" ? "Query" : "Body";
  return (
    <>
      {properties.length > 0 && (
        <Shape title={where} schema={{ ...input, properties: Object.fromEntries(properties) }} />
      )}
      {route.type === "subscription" && <p>Answers with server-sent events.</p>}
      {route.type !== "subscription" && !output && <p>Answers with 204 and no content.</p>}
      {output && <Shape title="Answer" schema={output} />}
    </>
  );
}

function Shape({ title, schema }: { title: string; schema: unknown }) {
  return (
    <div>
      <h3 className="text-sm text-muted">{title}</h3>
      <Code>{shapeText(schema)}</Code>
    </div>
  );
}

function Rule({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="font-medium">{name}</dt>
      <dd className="text-muted">{children}</dd>
    </div>
  );
}
