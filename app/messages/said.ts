/**
 * What the server, or a rule that it shares with the browser, says in English to somebody who judges: each as it stands
 * in the code, `{names}` where something differs. Kept in English where it is stored; shown in the language of whoever
 * looks. `tests/unit/languages.test.ts` finds a sentence that is no longer said, or is not listed.
 */
export const sentences = [
  // Why a task is skipped: stored with the seat.
  "I do not know this subject well enough",
  "I do not read this language well enough",
  "The prompt makes no sense",
  "Something is missing or does not display",
  "The content is harmful or private",
  "Another reason",

  // What is wrong with an answer, after the question's label and a colon.
  "An answer is required.",
  "choose an option.",
  "choose one option only.",
  "an edited response is empty.",
  "edit a response.",
  "a tie is not offered.",
  "both bad is not offered.",
  "rank {letters} too.",
  "rank all {k} responses.",
  "ranks run from 1 to {k}.",
  "ties are not offered.",
  "one response must have rank 1.",
  "rate {attribute}.",
  "rate {attribute} for every response.",
  "{attribute} must be a whole number from {min} to {max}.",
  "write something.",
  "write at least {count} characters.",
  "write at most {count} characters.",

  // Why a judgement is not taken.
  "You no longer hold this task.",
  "Your screen shows this task as it was never given out to you, so that A and B may be exchanged. Nothing was stored. Load the page again and judge what it shows then.",
  "You have been shown others' answers to this task, or where its responses came from: your own would not be blind.",
  "Your consent to the use of your judgements is withdrawn, so nothing was stored. A manager can take it down that you give it again.",
  "You have answered this task already. Open it in your history to change it.",
  "Your lease on this task ran out, and other raters have taken its seats. Your answer was not stored; the text is still with you.",
  "The assignment was not found. Its prompt was deleted from the project, or the seat was never yours. Nothing was stored; what you wrote is still with you.",
  "Only a judgement that you submitted can be changed.",
  "Submit a judgement first, then flag it.",
  "You have submitted this task already. Open it in your history to change it.",
  "This task was sent back to you. Open it in your history to do it again.",
  "You skipped this task, and another rater has its seat now.",
  "This task is no longer wanted. Nothing was stored.",
  "This idempotency key was used for another task. Give every judgement its own key.",
  "Your hold on this seat had ended. What you handed in after that stands on another seat of the task: open it in your history to change it.",
  "There is nothing to undo on this task.",
  "Undo works for {seconds} seconds. Open the task in your history to change it.",
  "This task was one of the qualification: its answer stands.",
  "You have been told the answer to this task since: yours stands, and counts nowhere else.",
  "Your work in this project is paused and the task went to others, so nothing was stored; the text is still with you. A manager of the project can say why, and let you go on.",
  "This round of the norming has ended: its raters may have seen one another's answers. Nothing was changed.",

  // What is wrong with a name, an address, a password or a code.
  "Enter a name.",
  "At most 200 characters.",
  "An e-mail address has at most 254 characters.",
  "Enter an e-mail address, such as ada@example.org.",
  "A password needs at least 12 characters.",
  "At most 128 characters.",
  "This password is too easy to guess. Take several words that do not belong together, and not your name or address.",
  "A code has six digits.",
  "Choose a password first.",
  "Too many wrong passwords. Wait 15 minutes.",
  "The current password is not right.",
  "{email} is already somebody's address here.",
  "Codes are asked for already. Take them away first.",
  "The code is not right. Is the clock of the device that shows it?",

  // Keys of the desk.
  "A key is one sign, letters in lower case, or a name such as ArrowLeft or F2; the digits 1 to 9 are the verdict.",
  "Escape closes and Tab moves the focus: take another key.",
  "0 is a rating, or the tenth rank, where a task has one: take another key.",

  // Of any page.
  "Sign in first.",
  "The project was not found.",
  "The disk is full: an admin has to free some room. Nothing was changed.",
  "The database is away for a moment. Send the request again.",
  "Something went wrong here. The log of the site says what.",
] as const;

export type Said = (typeof sentences)[number];
