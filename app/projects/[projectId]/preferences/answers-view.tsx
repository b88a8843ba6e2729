import { componentOf } from "@/app/components/question";
import { type Answers, answerTo, type Question } from "@/server/form/schema";

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
  const gone = Object.keys(answers).filter((id) => !questions.some((question) => question.id === id));
  return (
    <dl className="flex flex-col gap-2 text-sm">
      {questions.map((question) => {
        const answer = answerTo(question.type, question, answers);
        const { View } = componentOf(question.type);
        return (
          answer && (
            <div key={question.id}>
              <dt className="text-xs text-muted">{question.label}</dt>
              <dd>
                <View question={question} answer={answer} responses={responses} lang={lang} />
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
