"use client";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Field, Input, Select, Textarea } from "@/app/components/ui/field";
import { Code } from "@/app/components/ui/scroll-box";
import { Segmented } from "@/app/components/ui/segmented";
import { askOf, key } from "./ask";
import type { Operation, Parameter } from "./operation";
import { type SnippetLanguage, snippet, snippetLanguages } from "./snippets";
import { useToken } from "./token";

/** Longer answers are for a program, and for the file that can be saved. */
const SHOWN_CHARACTERS = 100_000;

interface Reply {
  status: string;
  headers: [string, string][];
  text: string;
  /** All of it, to be saved. */
  href?: string;
}

/** An operation's form, the programs that send the same request, and what the site answers. */
export function Try({ operation, address }: { operation: Operation; address: string }) {
  const token = useToken();
  const [values, setValues] = useState<Record<string, string>>({});
  const [body, setBody] = useState(operation.body?.example ?? "");
  const [file, setFile] = useState<File | null>(null);
  const [language, setLanguage] = useState<SnippetLanguage>("curl");
  const [reply, setReply] = useState<Reply | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const sending = useRef<AbortController | null>(null);
  const [isSending, setIsSending] = useState(false);
  // Whoever leaves hears nothing more.
  useEffect(() => () => sending.current?.abort(), []);

  const ask = askOf(operation, { values, body }, address);
  const takesFile = operation.body !== undefined && operation.body.example === undefined;

  async function send(event: FormEvent) {
    event.preventDefault();
    const controller = new AbortController();
    sending.current = controller;
    setIsSending(true);
    setProblem(null);
    setReply(null);
    try {
      const answer = await fetch(ask.url, {
        method: ask.method,
        headers: { ...ask.headers, ...(token ? { authorization: `Bearer ${token}` } : {}) },
        credentials: token ? "omit" : "same-origin",
        body: takesFile ? file : operation.body ? body : undefined,
        signal: controller.signal,
        cache: "no-store",
      });
      const status = `${answer.status} ${answer.statusText}`.trim();
      const headers = [...answer.headers];
      if (operation.streams && answer.ok && answer.body) {
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        let text = "";
        for (let next = await reader.read(); !next.done; next = await reader.read()) {
          text = (text + next.value).slice(-SHOWN_CHARACTERS);
          setReply({ status, headers, text });
        }
      } else setReply({ status, headers, ...(await shown(answer)) });
    } catch (error) {
      if (!controller.signal.aborted)
        setProblem(error instanceof Error ? `The request did not arrive: ${error.message}` : String(error));
    } finally {
      setIsSending(false);
    }
  }

  return (
    <div className="flex min-w-0 flex-col gap-4">
      <form onSubmit={send} className="flex flex-col gap-3">
        {operation.parameters.length > 0 && (
          <div className="grid gap-3 sm:grid-cols-2">
            {operation.parameters.map((parameter) => (
              <ParameterField
                key={key(parameter)}
                parameter={parameter}
                value={values[key(parameter)] ?? ""}
                onChange={(value) => setValues((before) => ({ ...before, [key(parameter)]: value }))}
              />
            ))}
          </div>
        )}
        {takesFile && (
          <Field label="File">
            {(control) => (
              <Input
                {...control}
                type="file"
                required
                onChange={({ target }) => setFile(target.files?.[0] ?? null)}
              />
            )}
          </Field>
        )}
        {operation.body?.example !== undefined && (
          <Field label="Body">
            {(control) => (
              <Textarea
                {...control}
                dir="ltr"
                spellCheck={false}
                className="min-h-32 font-mono text-xs"
                value={body}
                onChange={({ target }) => setBody(target.value)}
                onKeyDown={(event) => {
                  if (event.key === "Enter" && (event.ctrlKey || event.metaKey))
                    event.currentTarget.form?.requestSubmit();
                }}
              />
            )}
          </Field>
        )}
        <div className="flex flex-wrap items-center gap-2">
          <Button
            type="submit"
            variant={operation.method === "DELETE" ? "danger" : "primary"}
            busy={isSending}
            hint={operation.body?.example === undefined ? undefined : "Ctrl ↵"}
          >
            Send {operation.method}
          </Button>
          {isSending && (
            <Button variant="ghost" onClick={() => sending.current?.abort()}>
              Stop
            </Button>
          )}
        </div>
      </form>
      <div aria-live="polite" className="flex min-w-0 flex-col gap-2">
        {problem && <p className="text-bad">{problem}</p>}
        {reply && <Answer reply={reply} />}
      </div>
      <div className="flex min-w-0 flex-col gap-2">
        <Segmented
          label="Language of the program"
          value={language}
          onChange={setLanguage}
          options={snippetLanguages.map((value) => ({ value, label: value }))}
          className="self-start"
        />
        <Code>{snippet[language](ask)}</Code>
      </div>
    </div>
  );
}

function ParameterField({
  parameter,
  value,
  onChange,
}: {
  parameter: Parameter;
  value: string;
  onChange: (value: string) => void;
}) {
  const { name, required, hint, choices, repeats } = parameter;
  return (
    <Field
      label={<code>{name}</code>}
      optional={!required}
      help={choices.length > 0 && !repeats ? undefined : repeats ? `${hint}; one a line` : hint}
      className="min-w-0"
    >
      {(control) => {
        const same = {
          ...control,
          required,
          value,
          onChange: ({ target }: { target: { value: string } }) => onChange(target.value),
        };
        if (repeats) return <Textarea {...same} dir="ltr" className="min-h-8 font-mono text-xs" rows={1} />;
        if (choices.length === 0) return <Input {...same} spellCheck={false} autoComplete="off" />;
        return (
          <Select {...same}>
            <option value="">{required ? "Choose" : "–"}</option>
            {choices.map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
          </Select>
        );
      }}
    </Field>
  );
}

function Answer({ reply: { status, headers, text, href } }: { reply: Reply }) {
  return (
    <>
      <p>
        <strong className={status < "400" ? "text-good" : "text-bad"}>{status}</strong>
        {href && (
          <>
            {" "}
            <a href={href} download className="underline">
              Save the answer
            </a>
          </>
        )}
      </p>
      <details>
        <summary className="cursor-pointer text-muted text-sm">{headers.length} headers</summary>
        <Code>{headers.map(([name, value]) => `${name}: ${value}`).join("\n")}</Code>
      </details>
      {text && <Code>{text}</Code>}
    </>
  );
}

/** An answer as far as a person can read it here. */
async function shown(answer: Response): Promise<Pick<Reply, "text" | "href">> {
  const type = answer.headers.get("content-type") ?? "";
  const blob = await answer.blob();
  const href = blob.size > 0 ? URL.createObjectURL(blob) : undefined;
  if (!/json|text|yaml/.test(type))
    return { text: blob.size > 0 ? `${blob.size} bytes of ${type}` : "", href };
  const text = await blob.slice(0, 4 * SHOWN_CHARACTERS).text();
  return { text: readable(text, type).slice(0, SHOWN_CHARACTERS), href };
}

function readable(text: string, type: string): string {
  if (!type.includes("json")) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
