import type { Metadata } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { Code } from "@/app/components/ui/scroll-box";
import { requestContext } from "@/app/trpc/server";
import { env } from "@/server/env";
import { groupBy } from "@/server/group";
import { limits } from "@/server/limits";
import { openApi } from "@/server/openapi/document";
import { nouns } from "@/server/openapi/names";
import { operationsOf } from "./operation";
import { OperationView } from "./operation-view";
import { shapeText } from "./shape";
import { ShapeCode } from "./shape-code";
import { TokenField } from "./token";

export const metadata: Metadata = { title: "HTTP API" };

/** Where whoever reads this reaches the site. */
async function addressHere(): Promise<string> {
  const { CONCORD_URL } = env();
  if (CONCORD_URL) return new URL(CONCORD_URL).origin;
  const asked = await headers();
  const host = asked.get("x-forwarded-host") ?? asked.get("host") ?? "localhost:3000";
  return `${asked.get("x-forwarded-proto") ?? "http"}://${host}`;
}

/** The HTTP API for readers and to be tried, from the document that programs get. */
export default async function ApiPage() {
  const [address, { viewer }] = await Promise.all([addressHere(), requestContext()]);
  const document = openApi();
  const operations = [...groupBy(operationsOf(document), ({ noun }) => noun)];
  operations.sort(([a], [b]) => a.localeCompare(b));
  const schemas = Object.entries(document.components.schemas).sort(([a], [b]) => a.localeCompare(b));
  return (
    <main className="mx-auto flex w-full max-w-6xl flex-col gap-8 px-5 py-10">
      <header className="flex flex-col gap-3">
        <h1 className="font-semibold text-xl">HTTP API</h1>
        <p>
          Everything a person can do in Concord, for programs. The same as an{" "}
          <a href="/api/v1/openapi.json" className="underline">
            OpenAPI 3.1 document
          </a>
          , from which clients in any language can be made.
        </p>
        <Code>{`curl -H "Authorization: Bearer $CONCORD_TOKEN" ${address}/api/v1/projects`}</Code>
        <dl className="flex flex-col gap-2">
          <Rule name="Tokens">
            Make one under your account. It can do what you can do, until it ends or is revoked.
          </Rule>
          <Rule name="Pages">
            Lists answer with <code>nextCursor</code>; send it back as <code>cursor</code> until it is null.
          </Rule>
          <Rule name="Errors">
            Problem documents (RFC 9457, <code>application/problem+json</code>) with <code>title</code>,{" "}
            <code>status</code>, <code>detail</code> and, for wrong input, <code>errors</code> by field. A
            field that an operation does not know is wrong input.
          </Rule>
          <Rule name="Repeating safely">
            Send an <code>Idempotency-Key</code> with a request that changes something. Sent again within 24
            hours, it is answered with the first reply and changes nothing again.
          </Rule>
          <Rule name="Long operations">
            Imports, freezes, exports and training are runs: poll the run, or read its events as they happen.
          </Rule>
          <Rule name="Assistants">
            <code>npx concord mcp</code> gives an assistant the same verbs under the same token.
          </Rule>
        </dl>
      </header>
      <section aria-labelledby="openai" className="flex flex-col gap-3">
        <h2 id="openai" className="font-semibold text-lg">
          Models, for OpenAI's clients
        </h2>
        <p>
          What was trained or added here answers whatever speaks OpenAI's protocol: the same token is the key,
          and a model is called <code>project/model</code> or by its id. Reviewers and managers of a project
          may ask its models.
        </p>
        <Code>{`client = openai.OpenAI(base_url="${address}/api/openai/v1", api_key=os.environ["CONCORD_TOKEN"])
client.chat.completions.create(model="My project/my model", messages=[{"role": "user", "content": "Hello"}])`}</Code>
        <dl className="flex flex-col gap-2">
          <Rule name="Answered">
            <code>models</code>, <code>chat/completions</code> and <code>completions</code> (streamed, with{" "}
            <code>stop</code>, <code>n</code>, <code>seed</code> and log-probabilities, which are the model's
            own before temperature; completions also <code>echo</code> a prompt with those of its tokens, as
            lm-eval needs), <code>embeddings</code> (the mean of the last hidden states, of length 1).
          </Rule>
          <Rule name="Refused">
            Tools, JSON schemas, penalties, pictures, and fields that are not known: with an error that names
            the field, in OpenAI's form.
          </Rule>
          <Rule name="Limits">
            A worker answers one request after the other. Of one person {limits.callsOfPerson} may wait at
            once and {limits.callsPerMinute.toLocaleString("en")} come in a minute; above that the answer is
            429 with <code>Retry-After</code>. A client that leaves stops the model. Texts are forgotten with
            the answer; who asked which model, when and for how many tokens is kept for 90 days.
          </Rule>
        </dl>
      </section>
      <TokenField name={viewer?.name ?? null}>
        <nav aria-label="Resources" className="flex flex-wrap gap-x-4 gap-y-1">
          {operations.map(([noun]) => (
            <a key={noun} href={`#${noun}`} className="underline">
              {noun}
            </a>
          ))}
          <a href="#schemas" className="underline">
            shapes
          </a>
        </nav>
        {operations.map(([noun, some]) => (
          <section key={noun} aria-labelledby={noun} className="flex flex-col gap-2">
            <h2 id={noun} className="font-semibold text-lg">
              {noun}
            </h2>
            <p className="text-muted">{nouns[noun]}</p>
            {some.map((operation) => (
              <OperationView key={operation.id} operation={operation} address={address} />
            ))}
          </section>
        ))}
      </TokenField>
      <section aria-labelledby="schemas" className="flex flex-col gap-3">
        <h2 id="schemas" className="font-semibold text-lg">
          Shapes
        </h2>
        {schemas.map(([name, schema]) => (
          <section key={name} id={`schema-${name}`} aria-label={name} className="scroll-mt-4">
            <h3 className="font-mono text-sm">{name}</h3>
            <ShapeCode>{shapeText(schema)}</ShapeCode>
          </section>
        ))}
      </section>
    </main>
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
