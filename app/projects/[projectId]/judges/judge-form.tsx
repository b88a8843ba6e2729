"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Sheet } from "@/app/components/ui/dialog";
import { Checkbox, Field, Input, NumberInput, Select, Textarea } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useTRPC } from "@/app/trpc/client";
import { type AskedForm, askedForms } from "@/db/shape/judge";
import { kindOf } from "@/server/form/schema";
import type { JudgeVersion } from "@/server/judge/schema";
import { TryTen } from "./try-ten";
import { modelOf, useAnswering } from "./use-answering";

const verdictWords: Record<AskedForm, string> = {
  logprobs: "by the probability of each label",
  schema: "in JSON, by a schema",
  tool: "by calling a tool",
  marker: "in double brackets at the end",
  reward: "by its rewards, without a word",
};

/** Makes a judge, or the next version of one: who answers, what is judged by, and how it is asked. */
export function JudgeForm({
  projectId,
  from,
  onClose,
  onMade,
}: {
  projectId: string;
  /** The version that this one follows. */
  from?: JudgeVersion;
  onClose: () => void;
  onMade: (made: { judgeId: string; judgeVersionId: string }) => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const { answers, models, isSuccess, error } = useAnswering(projectId);
  const forms = useQuery(trpc.project.forms.queryOptions({ projectId }));
  const questions = (forms.data?.[0]?.questions ?? []).filter(({ type }) => kindOf(type).judging);

  const [name, setName] = useState("");
  const [chosenModel, setModel] = useState(
    from?.endpoint ? `endpoint ${from.endpoint.id}` : from?.model ? `model ${from.model.id}` : null,
  );
  const [chosenQuestion, setQuestion] = useState(from?.questionId ?? null);
  const [verdictBy, setVerdictBy] = useState<AskedForm | null>(
    askedForms.find((one) => one === from?.verdictBy) ?? null,
  );
  const [criteria, setCriteria] = useState(from?.rubric?.criteria ?? "");
  const [explains, setExplains] = useState(from?.rubric?.explains ?? false);
  const [degrees, setDegrees] = useState(from?.rubric?.degrees ?? false);
  const [reference, setReference] = useState(from?.rubric?.reference ?? "");
  const [paraphrases, setParaphrases] = useState<readonly string[]>(from?.rubric?.paraphrases ?? []);
  const [orders, setOrders] = useState(from?.orders ?? "both");
  const [settles, setSettles] = useState(from?.settles ?? "strict");
  const [samples, setSamples] = useState(from?.sampling.samples ?? 1);
  const [temperature, setTemperature] = useState(from?.sampling.temperature ?? 0);
  const [maxTokens, setMaxTokens] = useState(from?.sampling.maxTokens ?? 1024);

  const model = chosenModel ?? answers[0]?.value ?? "";
  const { endpointId, modelId } = modelOf(model);
  const questionId = chosenQuestion ?? questions[0]?.id ?? "";
  const isReward = verdictBy === "reward" || models.find(({ id }) => id === modelId)?.method === "reward";

  const onSuccess = async (made: { judgeId: string; judgeVersionId: string }) => {
    await client.invalidateQueries({ queryKey: trpc.judge.pathKey() });
    onClose();
    onMade(made);
  };
  const create = useMutation(trpc.judge.create.mutationOptions({ onSuccess }));
  const revise = useMutation(trpc.judge.revise.mutationOptions({ onSuccess }));
  const stated = paraphrases.filter((text) => text.trim() !== "");
  const settings = {
    ...{ endpointId, modelId, questionId, orders, settles },
    ...(isReward ? { verdictBy: "reward" as const } : verdictBy ? { verdictBy } : {}),
    rubric: isReward
      ? null
      : {
          ...{ criteria, explains, degrees, reference: reference.trim() === "" ? null : reference },
          ...(stated.length > 0 ? { paraphrases: stated } : {}),
        },
    sampling: { ...from?.sampling, samples, temperature, maxTokens },
    ...(from ? { family: from.family } : {}),
  };
  const isWhole = model !== "" && questionId !== "" && (isReward || criteria.trim() !== "");
  const submit = () => {
    if (from) revise.mutate({ ...settings, projectId, judgeId: from.judgeId });
    else create.mutate({ ...settings, projectId, name });
  };
  return (
    <FormDialog
      as={Sheet}
      onOpenChange={onClose}
      title={from ? `${from.name}: version ${from.version + 1}` : "New judge"}
      description={
        from
          ? "Whatever is changed makes another version. What earlier ones said stays theirs, and no figure mixes two."
          : "A model answers one question of the form. It takes no seat, and counts nowhere unless a recipe says so."
      }
      submit={from ? "Make the version" : "Make the judge"}
      busy={create.isPending || revise.isPending}
      // Before the lists are there, what is chosen is not among them, and the browser refuses it without a word.
      disabled={!isSuccess || !forms.isSuccess || model === "" || questionId === ""}
      error={create.error ?? revise.error ?? error}
      onSubmit={submit}
    >
      {!from && (
        <Field label="Name" help="By what you will know it.">
          {(control) => (
            <Input
              {...control}
              required
              maxLength={100}
              autoFocus
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Field>
      )}
      <Field
        label="Answered by"
        help={
          isSuccess && answers.length === 0
            ? "There is no endpoint that was probed, and no model. Add an endpoint in the settings, or train a reward model."
            : "An endpoint of the settings, or a model of the registry, which costs nothing."
        }
      >
        {(control) => (
          <Select {...control} required value={model} onChange={({ target }) => setModel(target.value)}>
            {answers.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field
        label="Question"
        help={
          forms.isSuccess && questions.length === 0
            ? "No question of the form can be asked of a model: it takes a preference, ranking, rating or choice."
            : undefined
        }
      >
        {(control) => (
          <Select
            {...control}
            required
            value={questionId}
            onChange={({ target }) => setQuestion(target.value)}
          >
            {questions.map((one) => (
              <option key={one.id} value={one.id}>
                {one.label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {!isReward && (
        <>
          <Field
            label="Rubric"
            help="What is judged by, in words: each criterion, and what counts more. The question’s own words and its answers are added."
          >
            {(control) => (
              <Textarea
                {...control}
                required
                maxLength={20_000}
                className="min-h-48"
                value={criteria}
                onChange={({ target }) => setCriteria(target.value)}
              />
            )}
          </Field>
          {paraphrases.map((text, index) => (
            <Field
              key={index}
              label={`In other words, ${index + 1}`}
              optional
              help="The same criteria, said otherwise. It is asked in these only where you say so, and no verdict comes of it: its card shows how many would be others."
            >
              {(control) => (
                <Textarea
                  {...control}
                  maxLength={20_000}
                  value={text}
                  onChange={({ target }) => setParaphrases(paraphrases.with(index, target.value))}
                />
              )}
            </Field>
          ))}
          {paraphrases.length < 5 && (
            <div>
              <Button onClick={() => setParaphrases([...paraphrases, ""])}>
                Say the rubric in other words
              </Button>
            </div>
          )}
          <Tick label="Reasons before the verdict" checked={explains} onChecked={setExplains} />
          <Tick
            label="Say by how much, where the question has degrees"
            checked={degrees}
            onChecked={setDegrees}
          />
          <Field label="Reference answer" optional help="The entry of a prompt’s metadata that holds one.">
            {(control) => (
              <Input
                {...control}
                maxLength={200}
                value={reference}
                onChange={({ target }) => setReference(target.value)}
              />
            )}
          </Field>
          <Field label="The verdict is read" help="Automatic: the surest that the model can.">
            {(control) => (
              <Select
                {...control}
                value={verdictBy ?? ""}
                onChange={({ target }) =>
                  setVerdictBy(askedForms.find((one) => one === target.value) ?? null)
                }
              >
                <option value="">automatically</option>
                {askedForms
                  .filter((one) => one !== "reward" || modelId !== null)
                  .map((one) => (
                    <option key={one} value={one}>
                      {verdictWords[one]}
                    </option>
                  ))}
              </Select>
            )}
          </Field>
        </>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Orders" help="Both: position then shows, and cancels out.">
          {(control) => (
            <Select
              {...control}
              value={orders}
              onChange={({ target }) => setOrders(target.value === "one" ? "one" : "both")}
            >
              <option value="both">both</option>
              <option value="one">one, drawn for each task</option>
            </Select>
          )}
        </Field>
        <Field label="Where orders differ">
          {(control) => (
            <Select
              {...control}
              value={settles}
              onChange={({ target }) => setSettles(target.value === "soft" ? "soft" : "strict")}
            >
              <option value="strict">a tie: a win needs both</option>
              <option value="soft">the mean probability decides</option>
            </Select>
          )}
        </Field>
        {!isReward && (
          <>
            <Field label="Samples" help="Of each request; several need a temperature.">
              {(control) => (
                <NumberInput
                  {...control}
                  required
                  min={1}
                  max={20}
                  step={1}
                  value={samples}
                  onNumber={setSamples}
                />
              )}
            </Field>
            <Field label="Temperature" help="0: the likeliest reply">
              {(control) => (
                <NumberInput
                  {...control}
                  required
                  min={0}
                  max={2}
                  step="any"
                  value={temperature}
                  onNumber={setTemperature}
                />
              )}
            </Field>
            <Field label="Longest reply" help="tokens; thinking counts">
              {(control) => (
                <NumberInput
                  {...control}
                  required
                  min={1}
                  max={32_000}
                  step={1}
                  value={maxTokens}
                  onNumber={setMaxTokens}
                />
              )}
            </Field>
          </>
        )}
      </div>
      <TryTen projectId={projectId} settings={isWhole ? settings : null} />
    </FormDialog>
  );
}

function Tick({
  label,
  checked,
  onChecked,
}: {
  label: string;
  checked: boolean;
  onChecked: (on: boolean) => void;
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside
    <label className="flex items-center gap-2 text-sm font-medium">
      <Checkbox checked={checked} onCheckedChange={(on) => onChecked(on === true)} />
      {label}
    </label>
  );
}
