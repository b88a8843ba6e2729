export const datasetKinds = ["preference", "sft", "unpaired", "ranked", "reward"] as const;
export type DatasetKind = (typeof datasetKinds)[number];

export const splits = ["train", "validation", "test"] as const;
export type Split = (typeof splits)[number];
