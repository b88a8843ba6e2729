/** What a name can be made of. */
export interface Named {
  id: string;
  title: string;
  /** By name, as text. */
  options: ReadonlyMap<string, string>;
}

/**
 * A name for each run that no other of them bears: its title; where several bear one title, with the options in which
 * those differ; and where that does not tell them apart, with the end of the id, which stays the same on every page.
 * @returns names by id
 */
export function distinctNames(runs: readonly Named[]): Map<string, string> {
  const byOptions = apart(
    runs,
    ({ title }) => title,
    (run, others) => {
      const told = [...new Set(others.flatMap(({ options }) => [...options.keys()]))]
        .filter((option) => new Set(others.map(({ options }) => options.get(option))).size > 1)
        // The title of a sweep's run says them already.
        .filter(
          (option) =>
            !others.every(({ title, options }) => title.includes(`${option} ${options.get(option)}`)),
        )
        .map((option) => `${option} ${run.options.get(option) ?? "default"}`);
      return told.length > 0 ? `${run.title} · ${told.join(", ")}` : run.title;
    },
  );
  return apart(
    runs,
    ({ id, title }) => byOptions.get(id) ?? title,
    ({ id, title }) => `${byOptions.get(id) ?? title} · ${id.slice(-8)}`,
  );
}

function apart(
  runs: readonly Named[],
  nameOf: (run: Named) => string,
  longer: (run: Named, others: readonly Named[]) => string,
): Map<string, string> {
  const same = new Map<string, Named[]>();
  for (const run of runs) same.set(nameOf(run), [...(same.get(nameOf(run)) ?? []), run]);
  return new Map(
    runs.map((run) => {
      const name = nameOf(run);
      const others = same.get(name) ?? [run];
      return [run.id, others.length > 1 ? longer(run, others) : name];
    }),
  );
}
