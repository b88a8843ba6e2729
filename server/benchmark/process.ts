/** Scorers of their own: for tasks whose figures are more than whether an answer is the target. */
import { rightShare } from "./metrics";
import { strictShare } from "./strict";
import { bbqProcess } from "./suites/bbq";
import { humanevalProcess } from "./suites/humaneval";
import { ifevalProcess } from "./suites/ifeval";
import type { Process } from "./suites/suite";
import { tatqaProcess } from "./suites/tatqa";
import { labelsOf } from "./suites/truthfulqa";
import { xstestProcess } from "./suites/xstest";
import type { processes } from "./task";

const all: Readonly<Record<(typeof processes)[number], Process>> = {
  bbq: bbqProcess,
  humaneval: humanevalProcess,
  ifeval: ifevalProcess,
  tatqa: tatqaProcess,
  xstest: xstestProcess,
  mc2: {
    metrics: ["acc"],
    ofChoices: (document, { scored }) => ({ acc: rightShare(scored, labelsOf(document)) }),
    strictOfChoices: (document, item) => ({ acc: strictShare(item, labelsOf(document)) }),
  },
};

export const processOf = (name: (typeof processes)[number]): Process => all[name];
