import type { Translated, Words } from "@/app/i18n/types";

export const projects: Translated<Words["projects"]> = {
  title: "プロジェクト",
  none: "プロジェクトはまだありません",
  new: "新しいプロジェクト",
  holds: "プロジェクトには、プロンプト、応答についての質問、評価者とその判断が含まれます。",
  noneDetail: "責任者がプロジェクトに加えると、ここに表示されます。",
  project: "プロジェクト",
  role: "あなたの役割",
  languages: "言語",
  demo: "デモ",
  archived: "保管済み",
  roles: { annotator: "評価者", reviewer: "確認者", manager: "責任者" },
  progress: "{done, number} / {all, number}",
  judgementsIn: "{name} の判断",
};
