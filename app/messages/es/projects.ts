import type { Translated, Words } from "@/app/i18n/types";

export const projects: Translated<Words["projects"]> = {
  title: "Proyectos",
  none: "Todavía no hay proyectos",
  new: "Proyecto nuevo",
  holds: "Un proyecto contiene prompts, las preguntas sobre sus respuestas, quienes juzgan y lo que dijeron.",
  noneDetail: "Un responsable le añade a un proyecto; entonces aparece aquí.",
  project: "Proyecto",
  role: "Su función",
  languages: "Idiomas",
  demo: "demostración",
  archived: "archivado",
  roles: { annotator: "anotación", reviewer: "revisión", manager: "responsable" },
  progress: "{done, number} de {all, number}",
  judgementsIn: "Juicios en {name}",
};
