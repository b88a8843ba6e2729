export const trainingMethods = ["sft", "reward", "preference", "kto"] as const;
export type TrainingMethod = (typeof trainingMethods)[number];

/** Whether a run of this kind trains, and so has options, curves and samples. */
export const isTraining = (kind: string): boolean => trainingMethods.some((method) => method === kind);
