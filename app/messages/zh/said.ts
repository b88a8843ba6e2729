import type { Said } from "../said";

export const said: Readonly<Record<Said, string>> = {
  "I do not know this subject well enough": "我对这个领域了解不够",
  "I do not read this language well enough": "我对这种语言掌握不够",
  "The prompt makes no sense": "提示没有意义",
  "Something is missing or does not display": "缺少内容或无法显示",
  "The content is harmful or private": "内容有害或涉及隐私",
  "Another reason": "其他原因",
  "An answer is required.": "此题必答。",
  "choose an option.": "请选择一个选项。",
  "choose one option only.": "只能选择一个选项。",
  "an edited response is empty.": "有一个编辑后的回答是空的。",
  "edit a response.": "请编辑一个回答。",
  "a tie is not offered.": "此题不能选“差不多”。",
  "both bad is not offered.": "此题不能选“都不好”。",
  "rank {letters} too.": "请也为 {letters} 排名。",
  "rank all {k} responses.": "请为全部 {k} 个回答排名。",
  "ranks run from 1 to {k}.": "名次为 1 到 {k}。",
  "ties are not offered.": "不能并列。",
  "one response must have rank 1.": "必须有一个回答是第 1 名。",
  "rate {attribute}.": "请为“{attribute}”评分。",
  "rate {attribute} for every response.": "请为每个回答的“{attribute}”评分。",
  "{attribute} must be a whole number from {min} to {max}.": "“{attribute}”必须是 {min} 到 {max} 的整数。",
  "write something.": "请写些内容。",
  "write at least {count} characters.": "请至少写 {count} 个字符。",
  "write at most {count} characters.": "最多写 {count} 个字符。",
  "You no longer hold this task.": "此任务已不在您手中。",
  "Your screen shows this task as it was never given out to you, so that A and B may be exchanged. Nothing was stored. Load the page again and judge what it shows then.":
    "您屏幕上的任务与分配给您的不一致，A 和 B 可能对调了。没有保存任何内容。请重新载入页面，并判断届时显示的内容。",
  "You have been shown others' answers to this task, or where its responses came from: your own would not be blind.":
    "您已看到别人对此任务的判断，或回答的来源：您的判断将不再是盲评。",
  "Your consent to the use of your judgements is withdrawn, so nothing was stored. A manager can take it down that you give it again.":
    "您已撤回对使用判断的同意，因此没有保存任何内容。负责人可以登记您重新同意。",
  "You have answered this task already. Open it in your history to change it.":
    "您已判断过此任务。要更改，请在历史中打开。",
  "Your lease on this task ran out, and other raters have taken its seats. Your answer was not stored; the text is still with you.":
    "您对此任务的时限已过，名额已由别人占用。您的判断没有保存；文字仍在您这里。",
  "The assignment was not found. Its prompt was deleted from the project, or the seat was never yours. Nothing was stored; what you wrote is still with you.":
    "找不到此分配。它的提示已从项目中删除，或者名额从不属于您。没有保存任何内容；您写的文字仍在您这里。",
  "Only a judgement that you submitted can be changed.": "只能更改您提交过的判断。",
  "Submit a judgement first, then flag it.": "请先提交判断，再标记。",
  "You have submitted this task already. Open it in your history to change it.":
    "您已提交过此任务。要更改，请在历史中打开。",
  "This task was sent back to you. Open it in your history to do it again.":
    "此任务已退回给您。请在历史中打开并重新判断。",
  "You skipped this task, and another rater has its seat now.": "您跳过了此任务，名额现在归别人。",
  "This task is no longer wanted. Nothing was stored.": "此任务已不再需要。没有保存任何内容。",
  "This idempotency key was used for another task. Give every judgement its own key.":
    "此幂等键已用于另一个任务。请为每个判断使用各自的键。",
  "Your hold on this seat had ended. What you handed in after that stands on another seat of the task: open it in your history to change it.":
    "您在此名额上的时限已过。之后提交的内容记在该任务的另一个名额上：要更改，请在历史中打开。",
  "There is nothing to undo on this task.": "此任务没有可撤销的内容。",
  "Undo works for {seconds} seconds. Open the task in your history to change it.":
    "可在 {seconds} 秒内撤销。要更改，请在历史中打开该任务。",
  "This task was one of the qualification: its answer stands.": "此任务属于资格评定：其答案保持不变。",
  "You have been told the answer to this task since: yours stands, and counts nowhere else.":
    "此后您已被告知此任务的答案：您的答案保持不变，且不计入别处。",
  "This round of the norming has ended: its raters may have seen one another's answers. Nothing was changed.":
    "校准的这一轮已结束：参与者可能已看到彼此的答案。未作任何更改。",
  "Your work in this project is paused and the task went to others, so nothing was stored; the text is still with you. A manager of the project can say why, and let you go on.":
    "您在此项目中的工作已暂停，任务已交给别人，因此没有保存任何内容；文字仍在您这里。项目负责人可以说明原因，也可以让您继续。",
  "Enter a name.": "请输入姓名。",
  "At most 200 characters.": "最多 200 个字符。",
  "An e-mail address has at most 254 characters.": "电子邮箱地址最多 254 个字符。",
  "Enter an e-mail address, such as ada@example.org.": "请输入电子邮箱地址，例如 ada@example.org。",
  "A password needs at least 12 characters.": "密码至少需要 12 个字符。",
  "At most 128 characters.": "最多 128 个字符。",
  "This password is too easy to guess. Take several words that do not belong together, and not your name or address.":
    "此密码太容易猜到。请用几个互不相关的词，不要用姓名或地址。",
  "A code has six digits.": "验证码有六位数字。",
  "Choose a password first.": "请先设置密码。",
  "Too many wrong passwords. Wait 15 minutes.": "密码错误次数过多。请等待 15 分钟。",
  "The current password is not right.": "当前密码不正确。",
  "{email} is already somebody's address here.": "{email} 在这里已是别人的地址。",
  "Codes are asked for already. Take them away first.": "已经要求验证码。请先取消。",
  "The code is not right. Is the clock of the device that shows it?":
    "验证码不正确。显示它的设备时钟准确吗？",
  "A key is one sign, letters in lower case, or a name such as ArrowLeft or F2; the digits 1 to 9 are the verdict.":
    "按键是一个字符（字母小写），或 ArrowLeft、F2 这样的名称；数字 1 到 9 用于判断。",
  "Escape closes and Tab moves the focus: take another key.":
    "Escape 用于关闭，Tab 用于移动焦点：请换一个键。",
  "0 is a rating, or the tenth rank, where a task has one: take another key.":
    "0 在某些任务中是评分或第十名：请换一个键。",
  "Sign in first.": "请先登录。",
  "The project was not found.": "找不到该项目。",
  "The disk is full: an admin has to free some room. Nothing was changed.":
    "磁盘已满：管理员需要腾出空间。没有任何更改。",
  "The database is away for a moment. Send the request again.": "数据库暂时不可用。请重新发送请求。",
  "Something went wrong here. The log of the site says what.": "这里出了问题。站点日志中有记录。",
};
