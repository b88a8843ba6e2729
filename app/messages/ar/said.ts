import type { Said } from "../said";

export const said: Readonly<Record<Said, string>> = {
  "I do not know this subject well enough": "لا أعرف هذا المجال معرفة كافية",
  "I do not read this language well enough": "لا أقرأ هذه اللغة قراءة كافية",
  "The prompt makes no sense": "الموجّه لا معنى له",
  "Something is missing or does not display": "شيء ناقص أو لا يظهر",
  "The content is harmful or private": "المحتوى ضار أو خاص",
  "Another reason": "سبب آخر",
  "An answer is required.": "الإجابة مطلوبة.",
  "choose an option.": "اختر خيارًا.",
  "choose one option only.": "اختر خيارًا واحدًا فقط.",
  "an edited response is empty.": "أحد الردود المعدَّلة فارغ.",
  "edit a response.": "عدّل ردًا.",
  "a tie is not offered.": "التعادل غير متاح.",
  "both bad is not offered.": "«كلاهما سيئ» غير متاح.",
  "rank {letters} too.": "رتّب {letters} أيضًا.",
  "rank all {k} responses.": "رتّب الردود كلها، وعددها {k}.",
  "ranks run from 1 to {k}.": "المراتب من 1 إلى {k}.",
  "ties are not offered.": "التعادل غير متاح.",
  "one response must have rank 1.": "يجب أن تكون لأحد الردود المرتبة 1.",
  "rate {attribute}.": "قيّم: {attribute}.",
  "rate {attribute} for every response.": "قيّم {attribute} لكل رد.",
  "{attribute} must be a whole number from {min} to {max}.":
    "يجب أن يكون {attribute} عددًا صحيحًا من {min} إلى {max}.",
  "write something.": "اكتب شيئًا.",
  "write at least {count} characters.": "أقل عدد للأحرف: {count}.",
  "write at most {count} characters.": "أكبر عدد للأحرف: {count}.",
  "You no longer hold this task.": "لم تعد هذه المهمة لديك.",
  "Your screen shows this task as it was never given out to you, so that A and B may be exchanged. Nothing was stored. Load the page again and judge what it shows then.":
    "تعرض شاشتك هذه المهمة كما لم تُسلَّم إليك قط، فقد يكون A وB متبادلين. لم يُحفظ شيء. أعد تحميل الصفحة واحكم على ما تعرضه عندئذ.",
  "You have been shown others' answers to this task, or where its responses came from: your own would not be blind.":
    "عُرضت عليك أحكام آخرين على هذه المهمة، أو مصدر ردودها: لن يكون حكمك أعمى.",
  "Your consent to the use of your judgements is withdrawn, so nothing was stored. A manager can take it down that you give it again.":
    "سُحبت موافقتك على استخدام أحكامك، فلم يُحفظ شيء. يمكن لمدير أن يسجّل أنك توافق من جديد.",
  "You have answered this task already. Open it in your history to change it.":
    "حكمت على هذه المهمة من قبل. افتحها في سجلك لتغييرها.",
  "Your lease on this task ran out, and other raters have taken its seats. Your answer was not stored; the text is still with you.":
    "انتهت مهلتك لهذه المهمة، وأخذ آخرون أماكنها. لم يُحفظ حكمك؛ وما زال النص لديك.",
  "The assignment was not found. Its prompt was deleted from the project, or the seat was never yours. Nothing was stored; what you wrote is still with you.":
    "لم يُعثر على التكليف. حُذف موجّهه من المشروع، أو لم يكن المكان لك قط. لم يُحفظ شيء؛ وما كتبته ما زال لديك.",
  "Only a judgement that you submitted can be changed.": "لا يمكن تغيير سوى حكم أرسلته.",
  "Submit a judgement first, then flag it.": "أرسل حكمًا أولًا، ثم أبلغ.",
  "You have submitted this task already. Open it in your history to change it.":
    "أرسلت هذه المهمة من قبل. افتحها في سجلك لتغييرها.",
  "This task was sent back to you. Open it in your history to do it again.":
    "أُعيدت هذه المهمة إليك. افتحها في سجلك لتحكم عليها من جديد.",
  "You skipped this task, and another rater has its seat now.": "تخطّيت هذه المهمة، ولشخص آخر مكانها الآن.",
  "This task is no longer wanted. Nothing was stored.": "لم تعد هذه المهمة مطلوبة. لم يُحفظ شيء.",
  "This idempotency key was used for another task. Give every judgement its own key.":
    "استُخدم مفتاح عدم التكرار هذا لمهمة أخرى. أعطِ كل حكم مفتاحه.",
  "Your hold on this seat had ended. What you handed in after that stands on another seat of the task: open it in your history to change it.":
    "انتهت مهلتك في هذا المكان. ما أرسلته بعدها مسجَّل في مكان آخر من المهمة: افتحه في سجلك لتغييره.",
  "There is nothing to undo on this task.": "لا شيء للتراجع عنه في هذه المهمة.",
  "Undo works for {seconds} seconds. Open the task in your history to change it.":
    "التراجع ممكن خلال {seconds} ثانية. افتح المهمة في سجلك لتغييرها.",
  "This task was one of the qualification: its answer stands.":
    "كانت هذه المهمة من مهام التأهيل: تبقى إجابتها كما هي.",
  "You have been told the answer to this task since: yours stands, and counts nowhere else.":
    "أُخبرت منذ ذلك الحين بإجابة هذه المهمة: تبقى إجابتك كما هي، ولا تُحسب في مكان آخر.",
  "This round of the norming has ended: its raters may have seen one another's answers. Nothing was changed.":
    "انتهت هذه الجولة من التوفيق: ربما رأى المشاركون إجابات بعضهم بعضا. لم يتغير شيء.",
  "Your work in this project is paused and the task went to others, so nothing was stored; the text is still with you. A manager of the project can say why, and let you go on.":
    "عملك في هذا المشروع متوقف وذهبت المهمة إلى آخرين، فلم يُحفظ شيء؛ وما زال النص لديك. يمكن لأحد مديري المشروع أن يذكر السبب وأن يسمح لك بالمتابعة.",
  "Enter a name.": "أدخل اسمًا.",
  "At most 200 characters.": "200 حرف على الأكثر.",
  "An e-mail address has at most 254 characters.": "عنوان البريد الإلكتروني 254 حرفًا على الأكثر.",
  "Enter an e-mail address, such as ada@example.org.": "أدخل عنوان بريد إلكتروني، مثل ada@example.org.",
  "A password needs at least 12 characters.": "تحتاج كلمة المرور إلى 12 حرفًا على الأقل.",
  "At most 128 characters.": "128 حرفًا على الأكثر.",
  "This password is too easy to guess. Take several words that do not belong together, and not your name or address.":
    "كلمة المرور هذه سهلة التخمين. استخدم عدة كلمات لا رابط بينها، وليس اسمك أو عنوانك.",
  "A code has six digits.": "يتكون الرمز من ستة أرقام.",
  "Choose a password first.": "اختر كلمة مرور أولًا.",
  "Too many wrong passwords. Wait 15 minutes.": "كلمات مرور خاطئة كثيرة. انتظر 15 دقيقة.",
  "The current password is not right.": "كلمة المرور الحالية غير صحيحة.",
  "{email} is already somebody's address here.": "العنوان {email} لشخص آخر هنا بالفعل.",
  "Codes are asked for already. Take them away first.": "تُطلب الرموز بالفعل. أزلها أولًا.",
  "The code is not right. Is the clock of the device that shows it?":
    "الرمز غير صحيح. هل ساعة الجهاز الذي يعرضه مضبوطة؟",
  "A key is one sign, letters in lower case, or a name such as ArrowLeft or F2; the digits 1 to 9 are the verdict.":
    "المفتاح علامة واحدة، والحروف صغيرة، أو اسم مثل ArrowLeft أو F2؛ والأرقام من 1 إلى 9 هي الحكم.",
  "Escape closes and Tab moves the focus: take another key.":
    "‏Escape للإغلاق وTab لنقل التركيز: اختر مفتاحًا آخر.",
  "0 is a rating, or the tenth rank, where a task has one: take another key.":
    "0 تقييم، أو المرتبة العاشرة، حيث تكون للمهمة: اختر مفتاحًا آخر.",
  "Sign in first.": "سجّل الدخول أولًا.",
  "The project was not found.": "لم يُعثر على المشروع.",
  "The disk is full: an admin has to free some room. Nothing was changed.":
    "القرص ممتلئ: على مسؤول الموقع أن يفرغ مساحة. لم يتغير شيء.",
  "The database is away for a moment. Send the request again.":
    "قاعدة البيانات غير متاحة للحظة. أرسل الطلب من جديد.",
  "Something went wrong here. The log of the site says what.": "حدث خطأ هنا. يذكر سجل الموقع ما هو.",
};
