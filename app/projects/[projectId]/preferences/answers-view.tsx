import { denseRanks, preferenceSentence, rankSentence } from "@/app/components/desk/answering";
import { letterOf } from "@/app/components/desk/targets";
import { WordDiff } from "@/app/components/desk/word-diff";
import { Markdown } from "@/app/components/markdown/markdown";
import { Badge } from "@/app/components/ui/badge";
import type { Answer, Answers, Question } from "@/server/form/schema";

/** All answers of a judgement in words, in the order of the form; letters are those of the stored order. */
export function AnswersView({
  questions,
  answers,
  responses,
  lang,
}: {
  questions: readonly Question[];
  answers: Answers;
  responses: readonly { content: string }[];
  lang: string | null;
}) {
  const known = questions.filter(({ id }) => answers[id]);
  const gone = Object.keys(answers).filter((id) => !questions.some((question) => question.id === id));
  return (
    <dl className="flex flex-col gap-2 text-sm">
      {known.map((question) => {
        const answer = answers[question.id];
        return (
          answer && (
            <div key={question.id}>
              <dt className="text-xs text-muted">{question.label}</dt>
              <dd>
                <AnswerView question={question} answer={answer} responses={responses} lang={lang} />
              </dd>
            </div>
          )
        );
      })}
      {gone.map((id) => (
        <div key={id}>
          <dt className="text-xs text-muted">{id} (no longer in the form)</dt>
          <dd className="break-words font-mono text-xs">{JSON.stringify(answers[id])}</dd>
        </div>
      ))}
    </dl>
  );
}

function AnswerView({
  question,
  answer,
  responses,
  lang,
}: {
  question: Question;
  answer: Answer;
  responses: readonly { content: string }[];
  lang: string | null;
}) {
  switch (answer.type) {
    case "preference":
      return question.type === "preference" ? (
        <span className="font-medium">{preferenceSentence(answer, question)}</span>
      ) : null;
    case "ranking":
      return <span className="font-medium">{rankSentence(denseRanks(answer.ranks))}</span>;
    case "rating":
      return (
        <ul>
          {Object.entries(answer.values).map(([id, values]) => (
            <li key={id} className="tabular">
              {attributeName(question, id)}: {perResponse(values.map((value) => value?.toString() ?? "—"))}
            </li>
          ))}
        </ul>
      );
    case "choice":
      return <span>{perResponse(answer.values.map((chosen) => optionNames(question, chosen)))}</span>;
    case "text":
      return (
        <div className="flex flex-col items-start gap-1">
          {answer.chips.length > 0 && (
            <span className="flex flex-wrap gap-1">
              {answer.chips.map((chip) => (
                <Badge key={chip}>{chipName(question, chip)}</Badge>
              ))}
            </span>
          )}
          {answer.text && <Markdown text={answer.text} className="w-full text-sm" />}
        </div>
      );
    case "edit":
      return (
        <div className="flex flex-col gap-2">
          {answer.texts.map(
            (text, slot) =>
              text !== null && (
                <details key={slot}>
                  <summary>{letterOf(slot)} rewritten</summary>
                  <div className="mt-1 rounded-md border p-2">
                    <WordDiff before={responses[slot]?.content ?? ""} after={text} lang={lang} />
                  </div>
                </details>
              ),
          )}
        </div>
      );
  }
}

const perResponse = (values: readonly string[]): string =>
  values.length === 1
    ? (values[0] ?? "")
    : values.map((value, slot) => `${letterOf(slot)} ${value}`).join(", ");

const attributeName = (question: Question, id: string): string =>
  (question.type === "rating" && question.attributes.find((attribute) => attribute.id === id)?.label) || id;

const optionNames = (question: Question, chosen: readonly string[]): string =>
  chosen
    .map(
      (value) =>
        (question.type === "choice" && question.options.find((option) => option.value === value)?.label) ||
        value,
    )
    .join(" + ") || "—";

const chipName = (question: Question, chip: string): string =>
  (question.type === "text" && question.chips.find((option) => option.value === chip)?.label) || chip;
