import type { Translated, Words } from "@/app/i18n/types";

export const ui: Translated<Words["ui"]> = {
  close: "Cerrar",
  dismiss: "Descartar",
  notification: "Notificación",
  optional: "opcional",
  cancel: "Cancelar",
  done: "Hecho",
  chosen: "elegido",
  copy: "Copiar",
  copied: "Copiado",
  copyOnce: "Cópielo ahora: no se volverá a mostrar.",
  saved: "Guardado",
  tryAgain: "Intentar de nuevo",
  justNow: "ahora mismo",
  language: "Idioma",
  duration: {
    seconds: "{seconds, number} s",
    minutes: "{minutes, number} min",
    minutesAndSeconds: "{minutes, number} min {seconds, number} s",
    hours: "{hours, number} h",
    hoursAndMinutes: "{hours, number} h {minutes, number} min",
  },
  failed: {
    title: "No se pudo mostrar esta página",
    disk: "El disco de este sitio está lleno: avise a la administración.",
    database: "La base de datos no está disponible en este momento.",
    detail: "Nada de lo guardado se ve afectado. Si vuelve a ocurrir, diga a la administración qué hizo.",
    cause: "El registro del servidor indica la causa en <code>{digest}</code>.",
  },
  missing: {
    title: "Aquí no hay nada",
    detail: "La página no existe, o pertenece a un proyecto del que no es miembro.",
    projects: "Sus proyectos",
  },
};
