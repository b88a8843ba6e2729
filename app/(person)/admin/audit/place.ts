import type { AuditEntry } from "@/server/audit/schema";

/** Pages of a project's things, by kind. */
const inProject: Readonly<Record<string, (id: string) => string>> = {
  run: (id) => `runs/${id}`,
  model: (id) => `models/${id}`,
  dataset: (id) => `datasets/${id}`,
  dataset_version: (id) => `datasets/versions/${id}`,
  task: (id) => `tasks?task=${id}`,
  rater: () => "people",
  form: () => "settings",
  guidelines: () => "settings",
  import_mapping: () => "import",
  stopping_rule: () => "conclusions/plan",
};

/** Where a changed thing is looked at; null where it has no page, or is gone. */
export function placeOf({
  targetKind: kind,
  targetId: id,
  targetName,
  projectId,
  projectName,
}: Pick<AuditEntry, "targetKind" | "targetId" | "targetName" | "projectId" | "projectName">): string | null {
  if (kind === "project") return targetName ? `/projects/${id}` : null;
  if (kind === "cluster") return "/admin/cluster";
  const path = projectId && projectName ? inProject[kind] : undefined;
  return path ? `/projects/${projectId}/${path(id)}` : null;
}
