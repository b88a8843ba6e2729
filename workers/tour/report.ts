import { wilsonInterval } from "../../server/statistics/wilson";
import type { LoopReport, Trained } from "./loop";

/** The loop's figures as plain text: what went in, what was learnt, beside what length alone would get right. */
export function reportOf(report: LoopReport, seconds: number): string {
  const { judged, version, sft, reward, preference, longerIsBetter } = report;
  const rows: [string, string][] = [
    ["data", report.source],
    ["imported", `${report.imported} prompts with two responses`],
    [
      "judged",
      `${judged.judgements} judgements at the desk, replayed from known answers with ${judged.slips} slips on purpose (${judged.perSecond.toFixed(0)} a second)`,
    ],
    ["  second rater", `${judged.labels} judgements, the label that the data came with`],
    [
      "agreement",
      `${share(version.agreement.count, version.agreement.of)}; those they differ on give no rows`,
    ],
    [
      "version",
      `${version.total} rows: ${version.rows.train} train, ${version.rows.validation} held out; sha256 ${version.sha256.slice(0, 16)}…`,
    ],
    ["losses", "first → last that was logged"],
    ["SFT loss", `${ends(sft, "loss")} train, ${ends(sft, "eval_loss")} held out`],
    ["reward model", `accuracy held out ${accuracy(reward)}`],
    ["  length alone", share(longerIsBetter.count, longerIsBetter.of)],
    ["  loss", `${ends(reward, "loss")} train, ${ends(reward, "eval_loss")} held out`],
    ["DPO", `reward accuracy held out ${accuracy(preference)}`],
    [
      "  margin",
      `${ends(preference, "rewards/margins")} train, ${ends(preference, "eval_rewards/margins")} held out`,
    ],
    ["  loss", `${ends(preference, "loss")} train, ${ends(preference, "eval_loss")} held out`],
    ["blind comparison", `${report.evaluation.tasks} tasks wait for the experts`],
    [
      "times",
      Object.entries(report.seconds)
        .map(([step, time]) => `${step} ${time.toFixed(0)} s`)
        .join(", "),
    ],
    ["in all", `${(seconds / 60).toFixed(1)} minutes, the start of the product included`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return ["", ...rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`), ""].join("\n");
}

function ends({ curves }: Trained, name: string): string {
  const curve = curves[name];
  return curve ? `${curve.first.toFixed(3)} → ${curve.last.toFixed(3)}` : "not measured";
}

function accuracy({ heldOut }: Trained): string {
  const { right, compared = 0, dropped = 0 } = heldOut ?? {};
  if (right === undefined) return "not measured";
  return `${share(right, compared)}${dropped > 0 ? `, ${dropped} dropped` : ""}`;
}

function share(count: number, of: number): string {
  if (of === 0) return "not measured";
  const { share, low, high } = wilsonInterval(count, of);
  return `${share.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}] on ${of} pairs`;
}
