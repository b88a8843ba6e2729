import type { Translated, Words } from "@/app/i18n/types";

export const ui: Translated<Words["ui"]> = {
  close: "Schließen",
  dismiss: "Ausblenden",
  notification: "Mitteilung",
  optional: "freiwillig",
  cancel: "Abbrechen",
  done: "Fertig",
  chosen: "ausgewählt",
  copy: "Kopieren",
  copied: "Kopiert",
  copyOnce: "Jetzt kopieren: Es wird nicht wieder angezeigt.",
  saved: "Gespeichert",
  tryAgain: "Erneut versuchen",
  justNow: "gerade eben",
  language: "Sprache",
  duration: {
    seconds: "{seconds, number} s",
    minutes: "{minutes, number} min",
    minutesAndSeconds: "{minutes, number} min {seconds, number} s",
    hours: "{hours, number} h",
    hoursAndMinutes: "{hours, number} h {minutes, number} min",
  },
  failed: {
    title: "Diese Seite konnte nicht angezeigt werden",
    disk: "Der Speicherplatz dieser Site ist voll: Bitte die Administration informieren.",
    database: "Die Datenbank ist gerade nicht erreichbar.",
    detail:
      "Nichts Gespeichertes ist betroffen. Falls es wieder vorkommt, teilen Sie der Administration mit, was Sie getan haben.",
    cause: "Die Ursache steht im Protokoll des Servers unter <code>{digest}</code>.",
  },
  missing: {
    title: "Hier ist nichts",
    detail: "Die Seite gibt es nicht, oder sie gehört zu einem Projekt, in dem Sie nicht Mitglied sind.",
    projects: "Ihre Projekte",
  },
};
