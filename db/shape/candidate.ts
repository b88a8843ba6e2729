/** Which candidates of a data run are listed. */
export const candidateShows = ["all", "kept", "dropped", "waiting", "decided"] as const;
