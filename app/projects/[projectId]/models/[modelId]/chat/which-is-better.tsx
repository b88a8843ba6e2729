import { type RefObject, useReducer, useRef } from "react";
import { finish } from "@/app/components/desk/answering";
import { emptyDraft } from "@/app/components/desk/draft";
import { inViewOf } from "@/app/components/desk/in-view";
import { useDeskKeyboard } from "@/app/components/desk/keys";
import type { Action, DeskState } from "@/app/components/desk/model";
import { initialState, reduce } from "@/app/components/desk/state";
import { useInView } from "@/app/components/desk/use-in-view";
import { useKeys } from "@/app/components/desk/use-keys";
import { useVisibleTime } from "@/app/components/desk/use-visible-time";
import { componentOf } from "@/app/components/question";
import { Button } from "@/app/components/ui/button";
import type { Message } from "@/db/shape/content";
import type { InView } from "@/db/shape/judgement";
import { type Answers, answerTo, type Question } from "@/server/form/schema";

/** The project's own questions about a pair, with the desk's controls and keys. */
export function WhichIsBetter({
  questions,
  messages,
  texts,
  busy,
  onJudge,
}: {
  /** Those that compare two responses. */
  questions: readonly Question[];
  /** What both replies answer. */
  messages: readonly Message[];
  /** Around the conversation and the replies, as `watched` names them. */
  texts: RefObject<HTMLElement | null>;
  busy: boolean;
  /** Answers as shown, and what was in view since they could be given. */
  onJudge: (answers: Answers, seen: { inView: InView; visibleMs: number }) => void;
}) {
  const [state, dispatchAt] = useReducer(
    (before: DeskState, { action, now }: { action: Action; now: number }) => reduce(before, action, now),
    undefined,
    () => initialState(questions, 2),
  );
  const dispatch = (action: Action) => dispatchAt({ action, now: Date.now() });
  const { keyOf } = useDeskKeyboard();
  const root = useRef<HTMLElement>(null);
  const watch = useInView({ root: texts, saved: emptyDraft.looks, covered: false });
  const readTime = useVisibleTime(emptyDraft);
  const done = finish(state.questions, state.k, state.answers);
  const isAnswered = done.problems.length === 0 && Object.keys(done.answers).length > 0;
  const judge = () => {
    if (!isAnswered || busy) return;
    const inView = inViewOf(watch.read(), messages, 2);
    onJudge(done.answers, { inView, visibleMs: Math.round(readTime().visibleMs) });
  };
  useKeys(
    state,
    (command) => {
      // The rest of the desk's keys belongs to the desk.
      switch (command.type) {
        case "digit":
        case "tie":
        case "bothBad":
        case "step":
        case "move":
          return dispatch(command);
        case "submit":
          return judge();
      }
    },
    { root, scope: "page" },
  );
  return (
    <section
      ref={root}
      aria-label="Which reply is better"
      className="flex flex-wrap items-end gap-3 px-4 pt-3 md:px-6"
    >
      <div className="grid min-w-0 flex-1 basis-96 gap-2">
        {questions.map((question) => {
          const { Control } = componentOf(question.type);
          return (
            <fieldset key={question.id} className="min-w-0">
              <legend className="mb-1 text-sm font-medium">{question.label}</legend>
              <Control
                question={question}
                answer={answerTo(question.type, question, state.answers)}
                onAnswer={(answer) => dispatch({ type: "answer", questionId: question.id, answer })}
                state={state}
                dispatch={dispatch}
                first={state.targets.findIndex((target) => target.question.id === question.id)}
                live={state.targets[state.marker]?.question.id === question.id}
                keyOf={keyOf}
                keyOfChip={() => undefined}
              />
            </fieldset>
          );
        })}
      </div>
      <Button disabled={!isAnswered || busy} hint={keyOf("submit")} onClick={judge}>
        Keep as a judgement
      </Button>
    </section>
  );
}
