import type { Translated, Words } from "@/app/i18n/types";

export const projects: Translated<Words["projects"]> = {
  title: "المشاريع",
  none: "لا مشاريع بعد",
  new: "مشروع جديد",
  holds: "يضم المشروع الموجّهات، والأسئلة عن ردودها، ومن يحكمون وما قالوه.",
  noneDetail: "يضيفك مدير إلى مشروع فيظهر هنا.",
  project: "المشروع",
  role: "دورك",
  languages: "اللغات",
  demo: "تجريبي",
  archived: "مؤرشف",
  roles: { annotator: "مقيّم", reviewer: "مراجع", manager: "مدير" },
  progress: "{done, number} من {all, number}",
  judgementsIn: "الأحكام في {name}",
};
