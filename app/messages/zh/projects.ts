import type { Translated, Words } from "@/app/i18n/types";

export const projects: Translated<Words["projects"]> = {
  title: "项目",
  none: "还没有项目",
  new: "新建项目",
  holds: "项目包含提示、针对回答提出的问题、评判者以及他们的判断。",
  noneDetail: "负责人把您加入项目后，项目会显示在这里。",
  project: "项目",
  role: "您的角色",
  languages: "语言",
  demo: "演示",
  archived: "已归档",
  roles: { annotator: "标注员", reviewer: "审核员", manager: "负责人" },
  progress: "{done, number} / {all, number}",
  judgementsIn: "{name} 中的判断",
};
