import { useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Checkbox } from "@/app/components/ui/field";
import { amount, counted, duration } from "@/app/components/units";
import type { ImportSeats, ImportSurvey } from "@/server/import/schema";

/** What is chosen after the check. `seats` without a number: as the project has it, none for judged tasks. */
export interface ImportChoice {
  seats?: number | undefined;
  judgements?: boolean;
}

/** The ways to go on after a check. Where the file judges its tasks, who else shall is a choice, not a default. */
export function ImportChoices({
  survey: { records, errors },
  seats,
  asked,
  isBusy,
  onImport,
}: {
  survey: ImportSurvey;
  seats: ImportSeats | undefined;
  asked: number | undefined;
  isBusy: boolean;
  onImport: (choice: ImportChoice) => void;
}) {
  const [keep, setKeep] = useState(true);
  const skip = errors > 0 ? "Skip the bad rows and " : "";
  const button = (words: string) =>
    skip ? skip + words.replace(/^./, (first) => first.toLowerCase()) : words;
  const hint =
    records === 0
      ? "There is nothing to import. Correct the files and choose them again."
      : errors === 0
        ? "All of it is written at once, or none of it."
        : "Or correct the files and choose them again. The bad rows can be downloaded below.";
  if (!seats || seats.tasks.judged === 0 || records === 0)
    return (
      <div className="flex flex-wrap items-center gap-3 pt-2">
        <Button variant="primary" disabled={records === 0} busy={isBusy} onClick={() => onImport({})}>
          {skip ? `${skip}import ${amount(records)}` : `Import ${counted(records, "record")}`}
        </Button>
        <p className="max-w-prose text-sm text-muted">
          {seats &&
            (seats.open > 0
              ? `Experts are asked for ${work(seats, seats.open)}. `
              : "Nothing opens for experts. ")}
          {hint}
        </p>
      </div>
    );
  const { tasks, overlap } = seats;
  const each = asked || overlap;
  const all = tasks.judged + tasks.unjudged;
  const left = tasks.unjudged * overlap;
  return (
    <div className="grid max-w-4xl gap-3 pt-2 sm:grid-cols-2">
      <section aria-label="Ask my experts" className="flex flex-col gap-2 rounded-lg border bg-surface p-4">
        <p className="text-sm">
          {counted(all, "task")} × {amount(each)} = <strong>{work(seats, all * each)}</strong>. The desk
          fills.
        </p>
        {/* biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside */}
        <label className="flex items-center gap-2 text-sm">
          <Checkbox checked={keep} onCheckedChange={(on) => setKeep(on === true)} />
          Keep the file’s verdicts beside theirs
        </label>
        <Button
          variant="primary"
          className="mt-auto self-start"
          busy={isBusy}
          onClick={() => onImport({ seats: each, judgements: keep })}
        >
          {button("Ask my experts")}
        </Button>
      </section>
      <section
        aria-label="Keep the file’s verdicts"
        className="flex flex-col gap-2 rounded-lg border bg-surface p-4"
      >
        <p className="text-sm">
          {counted(tasks.judged, "task")} {tasks.judged === 1 ? "is" : "are"} judged by the file alone;{" "}
          {left > 0 ? `experts are asked for ${work(seats, left)}.` : "nothing opens for experts."}
        </p>
        <Button
          className="mt-auto self-start"
          busy={isBusy}
          onClick={() => onImport({ seats: undefined, judgements: true })}
        >
          {button("Keep the file’s verdicts")}
        </Button>
      </section>
      <p className="text-xs text-muted sm:col-span-2">
        {seats.secondsFrom === "project"
          ? `Times at the project’s pace, ${amount(Math.round(seats.secondsEach))} s a judgement.`
          : `Times are a guess of ${amount(seats.secondsEach)} s a judgement; the project has timed too few.`}{" "}
        {hint}
      </p>
    </div>
  );
}

const work = ({ secondsEach }: ImportSeats, judgements: number): string =>
  `${counted(judgements, "judgement")}, about ${duration(Math.ceil((judgements * secondsEach) / 60) * 60)}`;
