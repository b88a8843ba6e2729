import { toShown } from "@/server/form/answers";
import type { ReviewDetail } from "@/server/review/schema";

/**
 * A task with its judgements, as if the responses' canonical order were another: A is A beside the desk that shows them so.
 * @param order position i shows the canonical response `order[i]`
 */
export function inOrder(detail: ReviewDetail, order: readonly number[]): ReviewDetail {
  const { questions, responses, annotations } = detail;
  return {
    ...detail,
    responses: order.map((index) => responses[index]),
    annotations: annotations.map((given) => ({
      ...given,
      answers: toShown(questions, given.answers, order),
      order: given.order.map((index) => order.indexOf(index)),
      inView: given.inView && {
        ...given.inView,
        responses: order.flatMap((index) => given.inView?.responses[index] ?? []),
      },
    })),
  };
}
