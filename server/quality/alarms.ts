import type { Alarm, AlarmKind, QualityPart, RaterPace } from "../../db/shape/quality";
import { wilsonInterval } from "../statistics/wilson";

/**
 * When somebody should look at a rater, and how often that happens to one who does nothing wrong. No alarm rests on
 * disagreement with the majority: the majority may be wrong, and whoever differs may know more.
 */
export const alarmRules: Record<AlarmKind, { name: string; when: string; falseAlarms: string }> = {
  fast: {
    name: "Too fast to have read",
    when: "A fifth or more of 20 timed judgements or more were made faster than 75 characters a second (750 words a minute; 25 in Chinese and Japanese).",
    falseAlarms:
      "None by chance: nobody reads so fast. Whoever knows a prompt from an earlier task, or keeps several windows open, may be flagged.",
  },
  straight: {
    name: "The same answer in a row",
    when: "A run of one answer, as it stood on the screen, so long that chance gives one with probability below 1 in 1,000.",
    falseAlarms:
      "At most 1 in 1,000 raters for each question, while items come in no order. Sorted items cause more.",
  },
  position: {
    name: "Leans to one side",
    when: "The rater's own log-odds for the response shown first are above .5 either way and more than two posterior deviations from 0 (20 votes or more).",
    falseAlarms:
      "At most 5 in 100 unbiased raters for each question; below 1 in 100 where the deviation is under .2.",
  },
  adjudications: {
    name: "Decided otherwise",
    when: "Of 10 adjudicated items or more, the rater agreed with so few that the 95 % interval (Wilson) lies below one half.",
    falseAlarms:
      "2.5 in 100 raters who agree with every second adjudication. Adjudicated items are the hard ones: expect less than on others.",
  },
  fatigue: {
    name: "Tires in a session",
    when: "Agreement with others in the last third of sessions (20 judgements or more) is lower than in the first third, with a probability below 1 in 1,000 by chance.",
    falseAlarms: "1 in 1,000 raters, while hard items do not come last.",
  },
};

const CHANCE = 0.001;
const percent = (share: number) => `${Math.round(100 * share)} %`;

/** What somebody should look at, by the rules above. */
export function alarmsOf(
  parts: readonly Pick<QualityPart, "questionId" | "raters">[],
  pace: readonly RaterPace[],
): Alarm[] {
  return [
    ...pace.flatMap(ofPace),
    ...parts.flatMap((part) => part.raters.flatMap((rater) => ofPart(part, rater))),
  ];
}

function ofPace({ raterId, timed, tooFast, fatigue, fresh, tired }: RaterPace): Alarm[] {
  const about = { raterId, questionId: null };
  return [
    ...(timed >= 20 && tooFast / timed >= 0.2
      ? [
          {
            ...about,
            kind: "fast" as const,
            says: `${tooFast} of ${timed} judgements were faster than reading.`,
          },
        ]
      : []),
    ...(fatigue !== null && fatigue < CHANCE
      ? [
          {
            ...about,
            kind: "fatigue" as const,
            says: `Agreement falls from ${percent(fresh.alike / fresh.of)} to ${percent(tired.alike / tired.of)} within sessions.`,
          },
        ]
      : []),
  ];
}

function ofPart(
  { questionId }: Pick<QualityPart, "questionId">,
  { raterId, run, position, adjudicated }: QualityPart["raters"][number],
): Alarm[] {
  const about = { raterId, questionId };
  const found: Alarm[] = [];
  if (run && run.chance < CHANCE)
    found.push({ ...about, kind: "straight", says: `“${run.said}” ${run.length} times in a row.` });
  if (position?.estimate != null && isLeaning(position))
    found.push({
      ...about,
      kind: "position",
      says: `Leans to the response shown ${position.estimate > 0 ? "first" : "second"}: ${position.estimate.toFixed(2)} in log-odds.`,
    });
  const { alike, of } = adjudicated;
  if (of >= 10 && wilsonInterval(alike, of).high < 0.5)
    found.push({ ...about, kind: "adjudications", says: `Agrees with ${alike} of ${of} adjudications.` });
  return found;
}

/** The rule of `biasedBradleyTerry`: more than two posterior deviations, and more than .5. */
function isLeaning({ estimate, low }: NonNullable<QualityPart["raters"][number]["position"]>): boolean {
  if (estimate === null || low === null) return false;
  return Math.abs(estimate) > Math.max(0.5, (2 * (estimate - low)) / 1.96);
}
