import type { Translated, Words } from "@/app/i18n/types";

export const ui: Translated<Words["ui"]> = {
  close: "閉じる",
  dismiss: "消す",
  notification: "通知",
  optional: "任意",
  cancel: "キャンセル",
  done: "完了",
  chosen: "選択中",
  copy: "コピー",
  copied: "コピーしました",
  copyOnce: "今コピーしてください。再表示されません。",
  saved: "保存しました",
  tryAgain: "再試行",
  justNow: "たった今",
  language: "言語",
  duration: {
    seconds: "{seconds, number} 秒",
    minutes: "{minutes, number} 分",
    minutesAndSeconds: "{minutes, number} 分 {seconds, number} 秒",
    hours: "{hours, number} 時間",
    hoursAndMinutes: "{hours, number} 時間 {minutes, number} 分",
  },
  failed: {
    title: "このページを表示できませんでした",
    disk: "このサイトのディスクがいっぱいです。管理者に知らせてください。",
    database: "データベースは現在利用できません。",
    detail: "保存済みの内容に影響はありません。再び起きた場合は、行った操作を管理者に伝えてください。",
    cause: "原因はサーバーのログの <code>{digest}</code> にあります。",
  },
  missing: {
    title: "ここには何もありません",
    detail: "ページが存在しないか、あなたがメンバーでないプロジェクトのものです。",
    projects: "あなたのプロジェクト",
  },
};
