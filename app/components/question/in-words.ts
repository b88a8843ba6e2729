import { type Answers, answerTo, type Question } from "@/server/form/schema";
import { componentOf } from ".";
import type { Say } from "./component";

/** What the answers say, question by question, in a few characters each. */
export function inWords(questions: readonly Question[], answers: Answers, say: Say): string {
  const summary = (question: Question) => {
    const answer = answerTo(question.type, question, answers);
    return answer ? [componentOf(question.type).summary(answer, say)] : [];
  };
  return questions.flatMap(summary).join(" · ");
}
