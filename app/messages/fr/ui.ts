import type { Translated, Words } from "@/app/i18n/types";

export const ui: Translated<Words["ui"]> = {
  close: "Fermer",
  dismiss: "Masquer",
  notification: "Notification",
  optional: "facultatif",
  cancel: "Annuler",
  done: "Terminé",
  chosen: "choisi",
  copy: "Copier",
  copied: "Copié",
  copyOnce: "Copiez-le maintenant : il ne sera plus affiché.",
  saved: "Enregistré",
  tryAgain: "Réessayer",
  justNow: "à l’instant",
  language: "Langue",
  duration: {
    seconds: "{seconds, number} s",
    minutes: "{minutes, number} min",
    minutesAndSeconds: "{minutes, number} min {seconds, number} s",
    hours: "{hours, number} h",
    hoursAndMinutes: "{hours, number} h {minutes, number} min",
  },
  failed: {
    title: "Cette page n’a pas pu être affichée",
    disk: "Le disque de ce site est plein : prévenez l’administration.",
    database: "La base de données est momentanément indisponible.",
    detail:
      "Rien de ce qui est enregistré n’est touché. Si cela se reproduit, dites à l’administration ce que vous avez fait.",
    cause: "Le journal du serveur en donne la cause sous <code>{digest}</code>.",
  },
  missing: {
    title: "Il n’y a rien ici",
    detail: "La page n’existe pas, ou elle appartient à un projet dont vous n’êtes pas membre.",
    projects: "Vos projets",
  },
};
