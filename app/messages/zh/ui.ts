import type { Translated, Words } from "@/app/i18n/types";

export const ui: Translated<Words["ui"]> = {
  close: "关闭",
  dismiss: "收起",
  notification: "通知",
  optional: "选填",
  cancel: "取消",
  done: "完成",
  chosen: "已选",
  copy: "复制",
  copied: "已复制",
  copyOnce: "请立即复制：之后不再显示。",
  saved: "已保存",
  tryAgain: "重试",
  justNow: "刚刚",
  language: "语言",
  duration: {
    seconds: "{seconds, number} 秒",
    minutes: "{minutes, number} 分钟",
    minutesAndSeconds: "{minutes, number} 分 {seconds, number} 秒",
    hours: "{hours, number} 小时",
    hoursAndMinutes: "{hours, number} 小时 {minutes, number} 分钟",
  },
  failed: {
    title: "无法显示此页面",
    disk: "本站磁盘已满：请告知管理员。",
    database: "数据库暂时不可用。",
    detail: "已保存的内容不受影响。如再次发生，请告诉管理员您做了什么。",
    cause: "服务器日志在 <code>{digest}</code> 下记录了原因。",
  },
  missing: {
    title: "这里没有内容",
    detail: "页面不存在，或属于您未加入的项目。",
    projects: "您的项目",
  },
};
