import type { Translated, Words } from "@/app/i18n/types";

export const desk: Translated<Words["desk"]> = {
  title: "المكتب",
  task: "المهمة",
  sentBackBy: "أعادها مراجع:",
  prompt: "الموجّه",
  judgement: "حكمك",
  response: "الرد {letter}",
  textOfResponse: "نص الرد {letter}",
  allResponses: "كل الردود",
  responseAlone: "الرد {letter} وحده",
  inView: {
    turn: "عُرض {share, number} % من الدور الأخير",
    response: "عُرض {share, number} % من {letter}",
  },
  tools: {
    diff: "إظهار الاختلافات",
    scroll: "التمرير معًا",
    raw: "النص الخام",
    wrap: "التفاف أسطر الشيفرة",
    keys: "كل المفاتيح",
  },
  guidelines: {
    name: "الإرشادات",
    new: "جديد",
    which: "أي جزء من الإرشادات",
    newIn: "الجديد في v{version, number}",
    all: "الكل",
    text: "نص الإرشادات",
    none: "ليس لهذا المشروع إرشادات بعد.",
    since: "منذ الإصدار {version, number} الذي حكمت وفقه آخر مرة:",
  },
  speakers: { system: "التعليمات", user: "المستخدم", assistant: "المساعد", tool: "الأداة" },
  earlier:
    "{count, plural, zero {لا أدوار سابقة} one {دور سابق واحد} two {دوران سابقان} few {# أدوار سابقة} many {# دورًا سابقًا} other {# دور سابق}}",
  toolsOffered:
    "{count, plural, zero {لا أدوات} one {أداة واحدة} two {أداتان} few {# أدوات} many {# أداة} other {# أداة}} متاحة للنموذج",
  bar: {
    skip: "تخطٍّ",
    flag: "إبلاغ",
    flagged: "أُبلغ عنها",
    undo: "تراجع",
    before: "السؤال السابق",
    next: "السؤال التالي",
    move: "التنقل بـ <key>{up}</key> <key>{down}</key>",
    submit: "إرسال",
    nextReady: "التالية جاهزة",
    optional: "اختياري",
  },
  bench: {
    beside: "بجانب النص",
    changes: "التغييرات",
    preview: "معاينة",
    placeholder: "Markdown: **غامق**، قوائم، `شيفرة`، $رياضيات$.",
  },
  skip: {
    title: "تخطّي هذه المهمة",
    detail: "سيحكم عليها شخص آخر. لماذا لا تحكم أنت؟",
    reason: "السبب",
    note: "ملاحظة",
  },
  flag: {
    title: "الإبلاغ عن هذه المهمة",
    detail: "سينظر فيها مراجع. وأنت تحكم عليها مع ذلك.",
    remove: "إزالة البلاغ",
    reason: "ما الذي ينبغي أن يعرفه المراجع؟",
  },
  remarks:
    "{count, plural, zero {لا ملاحظات جديدة} one {ملاحظة جديدة} two {ملاحظتان جديدتان} few {# ملاحظات جديدة} many {# ملاحظة جديدة} other {# ملاحظة جديدة}}",
  writeToReviewer: "الكتابة إلى المراجع",
  sentBack:
    "{count, plural, zero {لم تُعد أي مهمة} one {أُعيدت مهمة واحدة} two {أُعيدت مهمتان} few {أُعيدت # مهام} many {أُعيدت # مهمة} other {أُعيدت # مهمة}}",
  progress: "{done, number} من {all, number}",
  progressAtLeast: "{done, number} من {all, number}+",
  progressTime: "{done, number} من {all, number}، يبقى نحو {time}",
  today: "{count, number} اليوم<more> في {time}</more>",
  inViewToday: "مدة العرض اليوم: {time}",
  median: "الوسيط {seconds, number} ث",
  revises: "تعديل حكم سابق",
  save: {
    signedOut: "{count, number} في الانتظار: سجّل الدخول من جديد",
    saved: "محفوظ",
    underWay: "{count, number} في الطريق",
    retry: "محفوظ في هذا المتصفح. المحاولة الآن",
    offline: "دون اتصال، {count, number} محفوظ هنا",
    refused: "{count, number} لم يُقبل",
    title: "لم يقبله الخادم",
    detail: "ما كتبته محفوظ هنا حتى تزيله.",
    failing: "يتعطل الخادم عند هذا الحكم. ستُعاد محاولته، وتسبقه الأحكام الأخرى؛ إن بقي فأخبر من يدير الموقع.",
    remove: "إزالة",
    undo: "سحب حكم",
  },
  begin: {
    title: "هل تحكم على المهام بنفسك؟",
    detail: "ما دمت تنظر فقط فلا تأخذ مكان أحد. وما تحكم به يُحسب كحكم أي شخص.",
    button: "ابدأ",
  },
  nothing: {
    no_tasks: {
      title: "لا مهام بعد",
      detail: "ليس في هذا المشروع ما يُحكم عليه حتى الآن. تظهر المهام هنا فور وجودها.",
    },
    done: {
      title: "اكتمل كل شيء",
      detail: "لكل مهمة في هذا المشروع كل الأحكام التي تحتاج إليها. شكرًا لك.",
    },
    held_by_others: {
      title: "المهام الأخيرة لدى آخرين",
      detail: "ما يتركونه يعود إليك. ويبحث المكتب من جديد تلقائيًا.",
    },
    not_for_you: {
      title: "لا شيء لك في الوقت الحالي",
      detail: "المهام المنتظرة تحتاج إلى لغات أو مجالات أخرى، أو حكمت عليها من قبل.",
    },
    no_consent: {
      title: "سُحبت موافقتك",
      detail:
        "ما حكمت به محفوظ ولا يُحسب في أي مكان، وذهبت المهام إلى آخرين. يمكن لمدير أن يسجّل أنك توافق من جديد.",
    },
    archived: { title: "هذا المشروع مغلق", detail: "لم يعد يقبل أحكامًا." },
    qualifying: {
      title: "اكتملت مهام التأهيل حاليًا",
      detail:
        "ما يلي يعتمد عليها ويظهر هنا. إن لم يظهر شيء فلا مزيد للغاتك ومجالاتك: اسأل أحد مديري المشروع.",
    },
    not_qualified: {
      title: "لم يُجتز التأهيل",
      detail:
        "شكرًا على وقتك. لا مزيد من المهام لك هنا؛ يمكن لأحد مديري المشروع أن يوضح أكثر وأن يسمح لك بالمتابعة.",
    },
    norming: {
      title: "انتهى نصيبك من التوفيق",
      detail:
        "حين يحكم الجميع على مهامه أو ينتهي وقته ترون معا أين تختلفون ولماذا. وتأتي المهام الأخرى حين ينتهي.",
    },
    blocked: {
      title: "عملك هنا متوقف",
      detail:
        "ما حكمت به محفوظ، وذهبت المهام التي كانت تنتظرك إلى آخرين. يمكن لأحد مديري المشروع أن يذكر السبب وأن يسمح لك بالمتابعة.",
    },
    coming: { title: "جلب المهمة التالية", detail: "هي في طريقها من الخادم." },
    away: {
      title: "الخادم غير متاح",
      detail:
        "أُنجزت كل المهام التي حُفظت لك. المحفوظ في هذا المتصفح حتى يعود الخادم: {count, plural, zero {لا أحكام} one {حكم واحد} two {حكمان} few {# أحكام} many {# حكمًا} other {# حكم}}. وعندها تأتي المهام التالية.",
    },
    back: "استعادة الأخيرة",
    again: "البحث من جديد",
    myWork: "عملي",
    today:
      "حكمت اليوم على {count, plural, zero {لا مهام} one {مهمة واحدة} two {مهمتين} few {# مهام} many {# مهمة} other {# مهمة}}.",
    fetching: "جلب مهامك…",
  },
  away: {
    title: "الخادم غير متاح",
    detail: "لا يحفظ هذا المتصفح مهام من هذا المشروع. ما حكمت به من قبل محفوظ ويُرسل لاحقًا.",
  },
  trouble: {
    noAnswer: "تعذّر تحميل المهمة: لم يُجب الخادم.",
    noStorage: "لا يحفظ هذا المتصفح بيانات لهذا الموقع، فقد يضيع حكم. ({reason})",
    notStored: "تعذّر حفظ الحكم الأخير: {reason}",
    notOpen: "مساحة التخزين غير مفتوحة",
  },
  known: {
    about: "بشأن مهمة سابقة",
    same: "كانت إجابة مهمة سابقة معروفة، وإجابتك مطابقة لها:",
    differs: "كانت إجابة مهمة سابقة معروفة، وإجابتك تختلف عنها. الإجابة المعروفة:",
    goOn: "متابعة",
  },
  norming: { progress: "التوفيق: {done, number} من {items, number}", talk: "التوفيق: انظروا أين تختلفون" },
  qualifying: {
    progress: "التأهيل: {done, number} من {items, number}",
    pass: "، يلزم {pass, number} إجابات صحيحة للنجاح",
    attempt: "، المحاولة {attempt, number} من {attempts, number}",
  },
  trainer: {
    name: "تمرين",
    title: "تمرين: لا يُرسل شيء",
    step: "{step, number} من {all, number}",
    verdict: "الأرقام هي الحكم، من A إلى B. الصواب هنا B: اضغط <key>6</key>",
    another: "رقم آخر يعني حكمًا آخر. جرّب A: اضغط <key>1</key>",
    reason: "للأسباب حروفها الخاصة المطبوعة عليها. اضغط واحدًا",
    submit: "<key>{submit}</key> يرسل",
    undo: "كان ذلك خطأ: <key>{undo}</key> يستعيده",
    end: "عاد الحكم، ويصححه رقم. <key>{help}</key> يعرض كل المفاتيح ويغيّرها. <key>{submit}</key> يبدأ العمل",
    begin: "ابدأ",
    leave: "تخطّي التمرين",
    better: "أي الردين أفضل؟",
    why: "لماذا؟",
    correct: "أصحّ",
    clear: "أوضح",
    first: {
      question: "ما أكبر كواكب مجموعتنا الشمسية؟",
      a: "زحل، بسبب حلقاته.",
      b: "**المشتري.** كتلته أكبر من كتلة سائر الكواكب مجتمعة.",
    },
    second: { question: "وما أصغرها؟", a: "عطارد.", b: "القمر." },
  },
};
