import { choice } from "./choice";
import { edit } from "./edit";
import { preference } from "./preference";
import { ranking } from "./ranking";
import { rating } from "./rating";
import { text } from "./text";

/** Every type of question: its name is both the key here and the `type` of its questions and answers. */
export const kinds = { preference, ranking, rating, choice, text, edit };
