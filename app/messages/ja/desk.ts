import type { Translated, Words } from "@/app/i18n/types";

export const desk: Translated<Words["desk"]> = {
  title: "作業机",
  task: "タスク",
  sentBackBy: "確認者からの差し戻し:",
  prompt: "プロンプト",
  judgement: "あなたの判断",
  response: "応答 {letter}",
  textOfResponse: "応答 {letter} の本文",
  allResponses: "すべての応答",
  responseAlone: "応答 {letter} のみ",
  inView: {
    turn: "最後の発言の {share, number} % が表示されました",
    response: "{letter} の {share, number} % が表示されました",
  },
  tools: {
    diff: "違いを表示",
    scroll: "一緒にスクロール",
    raw: "元のテキスト",
    wrap: "コードを折り返す",
    keys: "すべてのキー",
  },
  guidelines: {
    name: "指針",
    new: "新着",
    which: "指針の表示範囲",
    newIn: "v{version, number} の変更点",
    all: "全体",
    text: "指針の本文",
    none: "このプロジェクトにはまだ指針がありません。",
    since: "前回の判断で使ったバージョン {version, number} からの変更:",
  },
  speakers: { system: "指示", user: "ユーザー", assistant: "アシスタント", tool: "ツール" },
  earlier: "{count, plural, other {以前の発言 # 件}}",
  toolsOffered: "モデルに提供されたツール {count, plural, other {# 個}}",
  bar: {
    skip: "スキップ",
    flag: "報告",
    flagged: "報告済み",
    undo: "元に戻す",
    before: "前の質問",
    next: "次の質問",
    move: "<key>{up}</key> <key>{down}</key> で移動",
    submit: "送信",
    nextReady: "次の準備ができています",
    optional: "任意",
  },
  bench: {
    beside: "本文の横",
    changes: "変更点",
    preview: "プレビュー",
    placeholder: "Markdown: **太字**、リスト、`コード`、$数式$。",
  },
  skip: {
    title: "このタスクをスキップ",
    detail: "ほかの人が判断します。判断しない理由は何ですか。",
    reason: "理由",
    note: "メモ",
  },
  flag: {
    title: "このタスクを報告",
    detail: "確認者が見ます。判断はそのまま行ってください。",
    remove: "報告を取り消す",
    reason: "確認者に伝えることは何ですか。",
  },
  remarks: "{count, plural, other {新しいコメント # 件}}",
  writeToReviewer: "確認者に書く",
  sentBack: "{count, plural, other {差し戻し # 件}}",
  progress: "{done, number} / {all, number}",
  progressAtLeast: "{done, number} / {all, number}+",
  progressTime: "{done, number} / {all, number}、残り約 {time}",
  today: "今日 {count, number} 件<more>（{time}）</more>",
  inViewToday: "今日の表示時間: {time}",
  median: "中央値 {seconds, number} 秒",
  revises: "以前の判断を変更中",
  save: {
    signedOut: "{count, number} 件待機中: 再ログインしてください",
    saved: "保存済み",
    underWay: "{count, number} 件送信中",
    retry: "このブラウザーに保存されています。今すぐ試す",
    offline: "オフライン、{count, number} 件をここに保存",
    refused: "{count, number} 件受理されず",
    title: "サーバーが受理しませんでした",
    detail: "書いた内容は、あなたが削除するまでここに残ります。",
    failing:
      "この件でサーバーがエラーになります。再試行され、ほかの件が先に送られます。続く場合はサイトの運営者に知らせてください。",
    remove: "削除",
    undo: "判断の取り消し",
  },
  begin: {
    title: "自分でタスクを判断しますか。",
    detail: "見るだけなら、誰の席も使いません。あなたの判断は、ほかの人と同じように数えられます。",
    button: "始める",
  },
  nothing: {
    no_tasks: {
      title: "タスクはまだありません",
      detail: "このプロジェクトには判断するものがまだありません。タスクができるとここに表示されます。",
    },
    done: {
      title: "すべて完了",
      detail: "このプロジェクトのすべてのタスクに必要な判断がそろいました。ありがとうございました。",
    },
    held_by_others: {
      title: "最後のタスクはほかの人が作業中です",
      detail: "手放されたタスクはあなたに戻ります。作業机は自動でもう一度確認します。",
    },
    not_for_you: {
      title: "今はあなた向けのタスクがありません",
      detail: "待っているタスクにはほかの言語や分野が必要か、すでに判断済みです。",
    },
    no_consent: {
      title: "同意が撤回されています",
      detail:
        "あなたの判断は保存されていますが、どこにも数えられず、タスクはほかの人に渡りました。再び同意することを責任者が記録できます。",
    },
    archived: { title: "このプロジェクトは終了しました", detail: "判断は受け付けていません。" },
    qualifying: {
      title: "資格確認のタスクはひとまず完了です",
      detail:
        "次に来るものはその結果によって決まり、ここに表示されます。何も表示されない場合、あなたの言語と分野のタスクはもうありません。プロジェクトの責任者に尋ねてください。",
    },
    not_qualified: {
      title: "資格確認に合格しませんでした",
      detail:
        "お時間をいただきありがとうございました。ここではこれ以上のタスクはありません。プロジェクトの責任者が詳しく説明し、続けられるようにすることができます。",
    },
    norming: {
      title: "すり合わせのあなたの分は終わりました",
      detail:
        "全員がそのタスクを判断するか時間が終わると、どこがなぜ違うのかを一緒に見られます。ほかのタスクは終了後に届きます。",
    },
    blocked: {
      title: "ここでの作業は一時停止中です",
      detail:
        "あなたの判断は保存されており、待っていたタスクはほかの人に渡りました。プロジェクトの責任者が理由を説明し、続けられるようにすることができます。",
    },
    coming: { title: "次のタスクを取得中", detail: "サーバーから届くところです。" },
    away: {
      title: "サーバーに接続できません",
      detail:
        "あなたのために保存されたタスクはすべて終わりました。接続が戻るまでこのブラウザーに保存: 判断 {count, plural, other {# 件}}。その後、次のタスクが届きます。",
    },
    back: "直前の判断を取り戻す",
    again: "もう一度確認",
    myWork: "自分の作業",
    today: "今日は {count, plural, other {# 件}}のタスクを判断しました。",
    fetching: "タスクを取得中…",
  },
  away: {
    title: "サーバーに接続できません",
    detail:
      "このブラウザーにはこのプロジェクトのタスクがありません。以前の判断は保存されており、後で送信されます。",
  },
  trouble: {
    noAnswer: "タスクを読み込めませんでした。サーバーが応答しません。",
    noStorage:
      "このブラウザーはこのサイトのデータを保存しないため、判断が失われるおそれがあります。（{reason}）",
    notStored: "直前の判断を保存できませんでした: {reason}",
    notOpen: "ストレージが開いていません",
  },
  known: {
    about: "以前のタスクについて",
    same: "以前のタスクの答えは既知で、あなたの答えと同じです：",
    differs: "以前のタスクの答えは既知で、あなたの答えとは異なります。既知の答え：",
    goOn: "続ける",
  },
  norming: { progress: "すり合わせ：{done, number}/{items, number}", talk: "すり合わせ：違いを見る" },
  qualifying: {
    progress: "資格審査：{done, number}/{items, number}",
    pass: "、合格には {pass, number} 問の正解が必要",
    attempt: "、{attempts, number} 回中 {attempt, number} 回目",
  },
  trainer: {
    name: "練習",
    title: "練習: 何も送信されません",
    step: "{step, number} / {all, number}",
    verdict: "数字が判定です（A から B へ）。ここでは B が正解です。<key>6</key> を押してください",
    another: "別の数字は別の判定です。A を試すには <key>1</key> を押してください",
    reason: "理由にはそれぞれ文字が表示されています。どれかを押してください",
    submit: "<key>{submit}</key> で送信します",
    undo: "今のは誤りでした。<key>{undo}</key> で取り戻します",
    end: "戻りました。数字で訂正できます。<key>{help}</key> ですべてのキーの表示と変更、<key>{submit}</key> で作業開始",
    begin: "始める",
    leave: "練習を飛ばす",
    better: "どちらの応答が良いですか。",
    why: "理由は何ですか。",
    correct: "より正確",
    clear: "より明快",
    first: {
      question: "太陽系で最も大きい惑星はどれですか。",
      a: "環があるので土星です。",
      b: "**木星です。** ほかの惑星をすべて合わせたより質量が大きいです。",
    },
    second: { question: "では、最も小さいのは。", a: "水星です。", b: "月です。" },
  },
};
