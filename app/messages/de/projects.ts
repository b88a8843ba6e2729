import type { Translated, Words } from "@/app/i18n/types";

export const projects: Translated<Words["projects"]> = {
  title: "Projekte",
  none: "Noch keine Projekte",
  new: "Neues Projekt",
  holds:
    "Ein Projekt enthält Prompts, die Fragen zu ihren Antworten, die Urteilenden und was sie gesagt haben.",
  noneDetail: "Die Projektleitung nimmt Sie in ein Projekt auf; dann erscheint es hier.",
  project: "Projekt",
  role: "Ihre Rolle",
  languages: "Sprachen",
  demo: "Demo",
  archived: "archiviert",
  roles: { annotator: "Annotation", reviewer: "Prüfung", manager: "Projektleitung" },
  progress: "{done, number} von {all, number}",
  judgementsIn: "Urteile in {name}",
};
