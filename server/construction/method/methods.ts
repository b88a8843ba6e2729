import { deltaLearning } from "./delta-learning";
import { distilled } from "./distilled";
import { evolInstruct } from "./evol-instruct";
import type { Method } from "./method";
import { onPolicy } from "./on-policy";
import { rejectionSampling } from "./rejection-sampling";
import { rlcd } from "./rlcd";
import { selfInstruct } from "./self-instruct";

/** All methods, in the order in which the gallery shows them. */
export const methods: readonly Method[] = [
  selfInstruct,
  evolInstruct,
  distilled,
  rejectionSampling,
  onPolicy,
  deltaLearning,
  rlcd,
];

/** The method that a recipe names, or null. */
export const methodOf = (id: string): Method | null => methods.find((method) => method.id === id) ?? null;
