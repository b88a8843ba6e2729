import type { Translated, Words } from "@/app/i18n/types";

export const ui: Translated<Words["ui"]> = {
  close: "إغلاق",
  dismiss: "إخفاء",
  notification: "إشعار",
  optional: "اختياري",
  cancel: "إلغاء",
  done: "تم",
  chosen: "مختار",
  copy: "نسخ",
  copied: "تم النسخ",
  copyOnce: "انسخه الآن: لن يُعرض مرة أخرى.",
  saved: "تم الحفظ",
  tryAgain: "إعادة المحاولة",
  justNow: "الآن",
  language: "اللغة",
  duration: {
    seconds: "{seconds, number} ث",
    minutes: "{minutes, number} د",
    minutesAndSeconds: "{minutes, number} د {seconds, number} ث",
    hours: "{hours, number} س",
    hoursAndMinutes: "{hours, number} س {minutes, number} د",
  },
  failed: {
    title: "تعذّر عرض هذه الصفحة",
    disk: "قرص هذا الموقع ممتلئ: أبلغ مسؤول الموقع.",
    database: "قاعدة البيانات غير متاحة حاليًا.",
    detail: "لم يتأثر شيء مما حفظته. إن تكرر ذلك فأخبر مسؤول الموقع بما فعلته.",
    cause: "يذكر سجل الخادم السبب تحت <code>{digest}</code>.",
  },
  missing: {
    title: "لا شيء هنا",
    detail: "الصفحة غير موجودة، أو تتبع مشروعًا لست عضوًا فيه.",
    projects: "مشاريعك",
  },
};
