export * from "./annotation";
export * from "./content";
export * from "./dataset";
export * from "./model";
export * from "./people";
export * from "./project";
export * from "./run";
export * from "./system";
