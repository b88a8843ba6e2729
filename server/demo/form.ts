import { formSchema } from "../form/schema";

/** What the demo raters answer: `judge` in raters.ts speaks these ids. */
export const demoForm = formSchema.parse([
  { id: "comparison", type: "preference", label: "Which response is better?", points: 7 },
  { id: "ranking", type: "ranking", label: "Rank the responses, best first" },
  {
    id: "rationale",
    type: "text",
    purpose: "rationale",
    label: "Why?",
    help: "Tick what decided it, and add a sentence where it helps the next reader.",
    required: false,
    chips: [
      { value: "correct", label: "correct" },
      { value: "complete", label: "complete" },
      { value: "clear", label: "clear" },
      { value: "safe", label: "safe" },
      { value: "format", label: "format" },
    ],
  },
  {
    id: "rewrite",
    type: "edit",
    label: "Rewrite",
    help: "Mend a response so that you would be glad to have written it.",
    required: false,
  },
]);
