import type { Said } from "../said";

export const said: Readonly<Record<Said, string>> = {
  "I do not know this subject well enough": "この分野を十分に知らない",
  "I do not read this language well enough": "この言語を十分に読めない",
  "The prompt makes no sense": "プロンプトの意味が通らない",
  "Something is missing or does not display": "欠けている、または表示されないものがある",
  "The content is harmful or private": "内容が有害または私的である",
  "Another reason": "その他の理由",
  "An answer is required.": "回答が必要です。",
  "choose an option.": "選択肢を選んでください。",
  "choose one option only.": "選択肢は一つだけ選んでください。",
  "an edited response is empty.": "編集した応答が空です。",
  "edit a response.": "応答を編集してください。",
  "a tie is not offered.": "「ほぼ同じ」は選べません。",
  "both bad is not offered.": "「どちらも悪い」は選べません。",
  "rank {letters} too.": "{letters} にも順位を付けてください。",
  "rank all {k} responses.": "{k} 個の応答すべてに順位を付けてください。",
  "ranks run from 1 to {k}.": "順位は 1 から {k} までです。",
  "ties are not offered.": "同順は選べません。",
  "one response must have rank 1.": "1 位の応答が一つ必要です。",
  "rate {attribute}.": "「{attribute}」を評価してください。",
  "rate {attribute} for every response.": "すべての応答の「{attribute}」を評価してください。",
  "{attribute} must be a whole number from {min} to {max}.":
    "「{attribute}」は {min} から {max} までの整数にしてください。",
  "write something.": "何か書いてください。",
  "write at least {count} characters.": "{count} 文字以上書いてください。",
  "write at most {count} characters.": "{count} 文字以内で書いてください。",
  "You no longer hold this task.": "このタスクはもうあなたの担当ではありません。",
  "Your screen shows this task as it was never given out to you, so that A and B may be exchanged. Nothing was stored. Load the page again and judge what it shows then.":
    "画面のタスクは、あなたに渡された形と異なり、A と B が入れ替わっている可能性があります。何も保存されていません。ページを読み込み直し、表示されたものを判断してください。",
  "You have been shown others' answers to this task, or where its responses came from: your own would not be blind.":
    "このタスクについてほかの人の判断、または応答の出所が表示されました。あなたの判断は盲検になりません。",
  "Your consent to the use of your judgements is withdrawn, so nothing was stored. A manager can take it down that you give it again.":
    "判断の利用への同意が撤回されているため、何も保存されていません。再び同意することを責任者が記録できます。",
  "You have answered this task already. Open it in your history to change it.":
    "このタスクはすでに判断済みです。変更するには履歴で開いてください。",
  "Your lease on this task ran out, and other raters have taken its seats. Your answer was not stored; the text is still with you.":
    "このタスクの持ち時間が切れ、席はほかの人が使っています。判断は保存されませんでした。書いた文は手元に残っています。",
  "The assignment was not found. Its prompt was deleted from the project, or the seat was never yours. Nothing was stored; what you wrote is still with you.":
    "割り当てが見つかりません。プロンプトがプロジェクトから削除されたか、あなたの席ではありませんでした。何も保存されていません。書いた文は手元に残っています。",
  "Only a judgement that you submitted can be changed.": "変更できるのは、あなたが送信した判断だけです。",
  "Submit a judgement first, then flag it.": "先に判断を送信してから報告してください。",
  "You have submitted this task already. Open it in your history to change it.":
    "このタスクはすでに送信済みです。変更するには履歴で開いてください。",
  "This task was sent back to you. Open it in your history to do it again.":
    "このタスクは差し戻されました。履歴で開いてもう一度判断してください。",
  "You skipped this task, and another rater has its seat now.":
    "このタスクはスキップ済みで、席はほかの人が使っています。",
  "This task is no longer wanted. Nothing was stored.":
    "このタスクはもう必要ありません。何も保存されていません。",
  "This idempotency key was used for another task. Give every judgement its own key.":
    "この冪等キーは別のタスクで使われました。判断ごとに別のキーを使ってください。",
  "Your hold on this seat had ended. What you handed in after that stands on another seat of the task: open it in your history to change it.":
    "この席の持ち時間は終わっていました。その後の送信はこのタスクの別の席に記録されています。変更するには履歴で開いてください。",
  "There is nothing to undo on this task.": "このタスクに取り消すものはありません。",
  "Undo works for {seconds} seconds. Open the task in your history to change it.":
    "取り消せるのは {seconds} 秒以内です。変更するには履歴で開いてください。",
  "This task was one of the qualification: its answer stands.":
    "このタスクは資格確認のものです。回答はそのまま残ります。",
  "You have been told the answer to this task since: yours stands, and counts nowhere else.":
    "その後、このタスクの答えが示されました。あなたの回答はそのまま残り、ほかでは数えられません。",
  "This round of the norming has ended: its raters may have seen one another's answers. Nothing was changed.":
    "すり合わせのこの回は終了しました。参加者が互いの回答を見た可能性があります。何も変更されていません。",
  "Your work in this project is paused and the task went to others, so nothing was stored; the text is still with you. A manager of the project can say why, and let you go on.":
    "このプロジェクトでの作業は一時停止中で、タスクはほかの人に渡ったため、何も保存されていません。書いた文は手元に残っています。プロジェクトの責任者が理由を説明し、続けられるようにすることができます。",
  "Enter a name.": "名前を入力してください。",
  "At most 200 characters.": "200 文字以内です。",
  "An e-mail address has at most 254 characters.": "メールアドレスは 254 文字以内です。",
  "Enter an e-mail address, such as ada@example.org.":
    "ada@example.org のようなメールアドレスを入力してください。",
  "A password needs at least 12 characters.": "パスワードは 12 文字以上必要です。",
  "At most 128 characters.": "128 文字以内です。",
  "This password is too easy to guess. Take several words that do not belong together, and not your name or address.":
    "このパスワードは推測されやすいです。名前やアドレスではなく、互いに関係のない複数の単語にしてください。",
  "A code has six digits.": "コードは 6 桁です。",
  "Choose a password first.": "先にパスワードを決めてください。",
  "Too many wrong passwords. Wait 15 minutes.": "パスワードの誤りが多すぎます。15 分待ってください。",
  "The current password is not right.": "現在のパスワードが正しくありません。",
  "{email} is already somebody's address here.": "{email} はすでにほかの人のアドレスです。",
  "Codes are asked for already. Take them away first.": "コードはすでに有効です。先に無効にしてください。",
  "The code is not right. Is the clock of the device that shows it?":
    "コードが正しくありません。表示している端末の時計は合っていますか。",
  "A key is one sign, letters in lower case, or a name such as ArrowLeft or F2; the digits 1 to 9 are the verdict.":
    "キーは 1 文字（英字は小文字）か、ArrowLeft や F2 のような名前です。数字 1 から 9 は判定に使われます。",
  "Escape closes and Tab moves the focus: take another key.":
    "Escape は閉じる、Tab はフォーカスの移動に使われます。別のキーにしてください。",
  "0 is a rating, or the tenth rank, where a task has one: take another key.":
    "0 は、タスクによっては評点または 10 位に使われます。別のキーにしてください。",
  "Sign in first.": "先にログインしてください。",
  "The project was not found.": "プロジェクトが見つかりません。",
  "The disk is full: an admin has to free some room. Nothing was changed.":
    "ディスクがいっぱいです。管理者が空きを作る必要があります。何も変更されていません。",
  "The database is away for a moment. Send the request again.":
    "データベースが一時的に利用できません。もう一度送信してください。",
  "Something went wrong here. The log of the site says what.":
    "問題が起きました。内容はサイトのログにあります。",
};
