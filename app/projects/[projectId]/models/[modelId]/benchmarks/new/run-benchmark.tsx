"use client";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useEffect, useState } from "react";
import { useOpenLaunched } from "@/app/components/run/launched";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { Checkbox, Field, NumberInput, Select, Textarea } from "@/app/components/ui/field";
import { Code } from "@/app/components/ui/scroll-box";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount, counted, duration } from "@/app/components/units";
import { FileChoice, type UploadedFile } from "@/app/projects/[projectId]/import/file-choice";
import { useTRPC, useTRPCClient } from "@/app/trpc/client";
import {
  type BenchmarkLook,
  type BenchmarkSuite,
  CHARACTERS_A_TOKEN,
  ownSuite,
} from "@/server/benchmark/schema";

type Holds = "questions" | "shots";

/** The files are read anew when what is asked rests. */
const PAUSE_MS = 600;

const ofShots = /train|dev|few.?shot/i;

/** What a file's name says it holds, where others are there to be asked. */
const guess = (name: string, files: readonly UploadedFile[]): Holds =>
  ofShots.test(name) && files.some((file) => !ofShots.test(file.name)) ? "shots" : "questions";

/** Chooses the files of a benchmark, shows what would be asked, and starts it. */
export function RunBenchmark({ projectId, modelId }: { projectId: string; modelId: string }) {
  const trpc = useTRPC();
  const api = useTRPCClient();
  const openLaunched = useOpenLaunched(projectId);
  const model = useQuery(trpc.model.get.queryOptions({ projectId, modelId }));
  const suites = useQuery(
    trpc.benchmark.suites.queryOptions({ projectId }, { staleTime: Number.POSITIVE_INFINITY }),
  );
  const [files, setFiles] = useState<readonly UploadedFile[]>([]);
  const [holds, setHolds] = useState<Readonly<Record<string, Holds>>>({});
  const [suite, setSuite] = useState("");
  const [limit, setLimit] = useState(Number.NaN);
  const [shots, setShots] = useState(Number.NaN);
  const [chat, setChat] = useState(false);
  const [cluster, setCluster] = useState("");
  const [judgeId, setJudgeId] = useState("");
  const models = useQuery(trpc.model.list.queryOptions({ projectId }));
  const [fields, setFields] = useState("");
  /** The text is looked at when it is left, not letter by letter. */
  const [typed, setTyped] = useState("");
  const start = useMutation(trpc.benchmark.start.mutationOptions({ onSuccess: openLaunched }));
  /** A suite that is recognised is known once the files were looked at, without a judge if need be. */
  const [recognised, setRecognised] = useState<string | null>(null);
  const chosen = suites.data?.find(({ name }) => name === (suite || recognised));
  const asked = {
    files: files.map(({ name, sha256 }) => ({ name, sha256, holds: holds[name] ?? guess(name, files) })),
    limit: Number.isNaN(limit) ? null : limit,
    shots: Number.isNaN(shots) ? null : shots,
    chat,
    cluster: cluster || null,
    ...(chosen?.judged && judgeId !== "" && { judgeModelId: judgeId }),
    fields,
  };
  const hasQuestions = asked.files.some((file) => file.holds === "questions");
  const looked = { projectId, modelId, suite: suite || null, ...asked };
  const wanted = JSON.stringify(looked);
  const [rested, setRested] = useState(wanted);
  useEffect(() => {
    const pause = setTimeout(() => setRested(wanted), PAUSE_MS);
    return () => clearTimeout(pause);
  }, [wanted]);
  const look = useQuery({
    queryKey: [trpc.benchmark.look.mutationKey(), looked],
    queryFn: () => api.benchmark.look.mutate(looked),
    enabled: hasQuestions && rested === wanted,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const found = look.data?.suite ?? null;
  if (found !== recognised) setRecognised(found);
  const plan = files.length > 0 ? look.data?.plan : null;
  const whole = { min: 1, step: 1 };
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader title={`Run a benchmark${model.data ? ` on ${model.data.name}` : ""}`}>
        <p className="text-sm text-muted">
          <Link href={`/projects/${projectId}/models/${modelId}`} className="hover:underline">
            Back to the model
          </Link>
        </p>
      </PageHeader>
      <div className="flex max-w-4xl flex-col gap-6 px-4 md:px-6">
        <FileChoice
          projectId={projectId}
          files={files}
          onChange={setFiles}
          invitation="or drop them here: JSON Lines, JSON, CSV, TSV or Parquet, as the benchmark's authors publish them. Their shape is recognised."
        />
        {files.length === 0 && suites.data && <Sources suites={suites.data} />}
        {files.length > 0 && (
          <>
            {files.length > 1 && (
              <Section title="What the files hold">
                <ul className="flex flex-col gap-2">
                  {asked.files.map(({ name, holds: own }) => (
                    <li key={name} className="flex flex-wrap items-center gap-3 text-sm">
                      <span className="min-w-0 flex-1 truncate">{name}</span>
                      <Select
                        className="w-56"
                        aria-label={`What ${name} holds`}
                        value={own}
                        onChange={({ target }) =>
                          setHolds({ ...holds, [name]: target.value === "shots" ? "shots" : "questions" })
                        }
                      >
                        <option value="questions">Questions to ask</option>
                        <option value="shots">Examples to show before</option>
                      </Select>
                    </li>
                  ))}
                </ul>
              </Section>
            )}
            <div className="grid gap-4 sm:grid-cols-2">
              <Field label="Suite" help={chosen?.title}>
                {(control) => (
                  <Select {...control} value={suite} onChange={({ target }) => setSuite(target.value)}>
                    <option value="">
                      {look.data?.suite && !suite ? `As recognised: ${look.data.suite}` : "As recognised"}
                    </option>
                    {suites.data?.map(({ name }) => (
                      <option key={name} value={name}>
                        {name}
                      </option>
                    ))}
                    <option value={ownSuite}>Own: the task below</option>
                  </Select>
                )}
              </Field>
              <Field
                label="Items that hang together"
                help="Intervals then count groups, not items: of one passage, say."
              >
                {(control) => (
                  <Select {...control} value={cluster} onChange={({ target }) => setCluster(target.value)}>
                    <option value="">As the suite says</option>
                    {[...new Set([...(plan?.shared ?? []), ...(cluster ? [cluster] : [])])].map((field) => (
                      <option key={field} value={field}>
                        share their {field}
                      </option>
                    ))}
                  </Select>
                )}
              </Field>
              <Field label="Items" help="The first of the file; empty for all" optional>
                {(control) => <NumberInput {...control} {...whole} value={limit} onNumber={setLimit} />}
              </Field>
              <Field
                label="Examples before each question"
                help={`Empty: as the suite has it${chosen ? `, ${chosen.shots}` : ""}`}
                optional
              >
                {(control) => (
                  <NumberInput {...control} {...whole} min={0} max={100} value={shots} onNumber={setShots} />
                )}
              </Field>
            </div>
            {chosen?.judged && (
              <Field
                label="Judged by"
                help="A registered model reads each answer and judges it. Its figures say what the judge is worth, too."
              >
                {(control) => (
                  <Select {...control} value={judgeId} onChange={({ target }) => setJudgeId(target.value)}>
                    <option value="">Choose a model</option>
                    {models.data
                      ?.filter(({ method }) => method !== "reward")
                      .map(({ id, name }) => (
                        <option key={id} value={id}>
                          {name}
                        </option>
                      ))}
                  </Select>
                )}
              </Field>
            )}
            {/* biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside */}
            <label className="flex items-center gap-2 text-sm">
              <Checkbox checked={chat} onCheckedChange={(on) => setChat(on === true)} />
              Ask through the model’s chat template
            </label>
            <details open={suite === ownSuite || fields !== ""}>
              <summary className="cursor-pointer text-sm font-medium">The task’s own fields</summary>
              <Field
                label="Fields of the task"
                className="mt-2"
                help="YAML with lm-evaluation-harness's names. They win over the suite's: doc_to_text, doc_to_choice, doc_to_target, output_type, metric_list, filter_list, generation_kwargs …"
                optional
              >
                {(control) => (
                  <Textarea
                    {...control}
                    spellCheck={false}
                    className="min-h-32 font-mono text-sm"
                    value={typed}
                    placeholder={
                      'output_type: multiple_choice\ndoc_to_text: "{{question}}\\nAnswer:"\ndoc_to_choice: "{{choices}}"\ndoc_to_target: "{{answer}}"'
                    }
                    onChange={({ target }) => setTyped(target.value)}
                    onBlur={() => setFields(typed)}
                  />
                )}
              </Field>
            </details>
            <Look look={look.data} error={look.error} isLooking={look.isFetching} />
            <div className="flex flex-wrap items-center gap-3">
              <Button
                variant="primary"
                busy={start.isPending}
                disabled={!plan || look.isFetching || rested !== wanted || typed !== fields}
                onClick={() =>
                  look.data?.suite && start.mutate({ projectId, modelId, suite: look.data.suite, ...asked })
                }
              >
                {plan ? `Ask ${counted(plan.documents, "item")}` : "Ask"}
              </Button>
              {start.error && (
                <p role="alert" className="text-sm text-bad">
                  {start.error.message}
                </p>
              )}
            </div>
          </>
        )}
      </div>
    </div>
  );
}

/** Where the files of each suite are had. */
function Sources({ suites }: { suites: readonly BenchmarkSuite[] }) {
  return (
    <Section title="Where the files are had">
      <p className="max-w-prose text-sm text-muted">
        Nothing is downloaded here: benchmarks have licences of their own, and what leaves this machine is
        yours to decide. Fetch the files once, then choose them above.
      </p>
      <Table label="Suites and where their files are had">
        <thead>
          <tr>
            <Th>Suite</Th>
            <Th>What it asks</Th>
            <Th>Files</Th>
            <Th numeric>Examples</Th>
          </tr>
        </thead>
        <tbody>
          {suites.map(({ name, title, from, shots }) => (
            <Tr key={name}>
              <Td className="whitespace-nowrap font-mono text-xs">{name}</Td>
              <Td className="min-w-56">{title}</Td>
              <Td className="min-w-56 text-muted">{from}</Td>
              <Td numeric>{amount(shots)}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}

/** What would be asked, and what it comes to; or why not. */
function Look({
  look,
  error,
  isLooking,
}: {
  look: BenchmarkLook | undefined;
  error: { message: string } | null;
  isLooking: boolean;
}) {
  const problem = error?.message ?? look?.problem;
  if (problem)
    return (
      <p role="alert" className="max-w-prose rounded-md bg-bad-wash px-3 py-2 text-sm text-bad">
        {problem}
      </p>
    );
  if (!look?.plan)
    return (
      <p role="status" className="text-sm text-muted">
        {isLooking ? "Reading the files…" : ""}
      </p>
    );
  const { documents, of, requests, characters, writes, seconds, prompt, continuations, target, groups } =
    look.plan;
  const tokens = Math.round(characters / CHARACTERS_A_TOKEN);
  return (
    <Section title="What is asked">
      <p role="status" className="max-w-prose text-sm">
        {amount(documents)} of {counted(of, "item")},{" "}
        {writes > 0
          ? `${counted(requests, "answer")} of at most ${amount(writes)} tokens together`
          : `${counted(requests, "continuation")} to score`}
        . The model reads about {amount(tokens)} tokens (four characters each).{" "}
        {seconds === null
          ? "How long this model takes is known after its first benchmark; the run's page then shows the time left."
          : `About ${duration(seconds)} at this model's pace${writes > 0 ? ", if every answer is as long as it may be" : ""}.`}
        {groups.length > 0 && ` Figures are given apart by ${groups.join(", ")}.`}
      </p>
      <h3 className="text-xs font-medium text-muted">The first question, as it is asked</h3>
      <Code className="whitespace-pre-wrap">{prompt}</Code>
      <p className="text-sm text-muted">
        {continuations.length > 0 && (
          <>
            Choices: <span className="text-ink">{continuations.map((one) => one.trim()).join(" · ")}</span>.{" "}
          </>
        )}
        Expected: <span className="text-ink">{target}</span>
      </p>
    </Section>
  );
}
