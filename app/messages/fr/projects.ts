import type { Translated, Words } from "@/app/i18n/types";

export const projects: Translated<Words["projects"]> = {
  title: "Projets",
  none: "Pas encore de projet",
  new: "Nouveau projet",
  holds:
    "Un projet contient des prompts, les questions posées sur leurs réponses, les personnes qui jugent et ce qu’elles ont dit.",
  noneDetail: "Une personne responsable vous ajoute à un projet ; il apparaît alors ici.",
  project: "Projet",
  role: "Votre rôle",
  languages: "Langues",
  demo: "démo",
  archived: "archivé",
  roles: { annotator: "annotation", reviewer: "relecture", manager: "responsable" },
  progress: "{done, number} sur {all, number}",
  judgementsIn: "Jugements dans {name}",
};
