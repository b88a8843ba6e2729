import { attributes } from "./attributes";
import { chatLogs } from "./chat-logs";
import { constitution } from "./constitution";
import { deltaLearning } from "./delta-learning";
import { dialogue } from "./dialogue";
import { distilled } from "./distilled";
import { evolInstruct } from "./evol-instruct";
import { grounded } from "./grounded";
import { humpback } from "./humpback";
import { magpie } from "./magpie";
import type { Method } from "./method";
import { onPolicy } from "./on-policy";
import { personas } from "./personas";
import { ranking } from "./ranking";
import { rejectionSampling } from "./rejection-sampling";
import { rlaif } from "./rlaif";
import { rlcd } from "./rlcd";
import { selfInstruct } from "./self-instruct";
import { spin } from "./spin";
import { templates } from "./templates";
import { translation } from "./translation";

/** All methods, in the order in which the gallery shows them: what makes prompts, what answers them, what makes pairs. */
export const methods: readonly Method[] = [
  selfInstruct,
  evolInstruct,
  grounded,
  humpback,
  personas,
  attributes,
  magpie,
  templates,
  chatLogs,
  translation,
  distilled,
  dialogue,
  constitution,
  rejectionSampling,
  onPolicy,
  ranking,
  rlaif,
  rlcd,
  deltaLearning,
  spin,
];

/** The method that a recipe names, or null. */
export const methodOf = (id: string): Method | null => methods.find((method) => method.id === id) ?? null;
