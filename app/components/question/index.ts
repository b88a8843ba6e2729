import type { QuestionType } from "@/server/form/schema";
import { choice } from "./choice";
import type { QuestionComponent } from "./component";
import { edit } from "./edit";
import { preference } from "./preference";
import { ranking } from "./ranking";
import { rating } from "./rating";
import { text } from "./text";

/** Every type of question, in the order in which they are offered. */
const components: { [T in QuestionType]: QuestionComponent<T> } = {
  preference,
  ranking,
  rating,
  choice,
  text,
  edit,
};

/** How a type of question is set, asked and shown. */
export const componentOf = <T extends QuestionType>(type: T): QuestionComponent<T> => components[type];
