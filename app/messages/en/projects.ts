export const projects = {
  title: "Projects",
  none: "No projects yet",
  new: "New project",
  holds:
    "A project holds prompts, the questions you ask about their responses, the raters and what they said.",
  noneDetail: "A manager adds you to a project; it then appears here.",
  project: "Project",
  role: "Your role",
  languages: "Languages",
  demo: "demo",
  archived: "archived",
  roles: { annotator: "annotator", reviewer: "reviewer", manager: "manager" },
  progress: "{done, number} of {all, number}",
  judgementsIn: "Judgements in {name}",
} as const;
