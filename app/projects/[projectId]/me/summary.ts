import { componentOf } from "@/app/components/question";
import type { Say } from "@/app/components/question/component";
import type { Answers } from "@/server/form/schema";

/** A judgement in a few characters, letters as they stood on the rater's screen: "B +2", "C > A = B", "3 ratings". */
export function summaryOf(answers: Answers, say: Say): string {
  return Object.values(answers)
    .map((answer) => componentOf(answer.type).summary(answer, say))
    .filter(Boolean)
    .slice(0, 3)
    .join(" · ");
}
