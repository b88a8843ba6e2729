import type { Said } from "../said";

export const said: Readonly<Record<Said, string>> = {
  "I do not know this subject well enough": "मैं इस विषय को पर्याप्त नहीं जानता/जानती",
  "I do not read this language well enough": "मैं यह भाषा पर्याप्त अच्छी तरह नहीं पढ़ता/पढ़ती",
  "The prompt makes no sense": "प्रॉम्प्ट का कोई अर्थ नहीं निकलता",
  "Something is missing or does not display": "कुछ छूटा है या दिखता नहीं",
  "The content is harmful or private": "सामग्री हानिकारक या निजी है",
  "Another reason": "कोई और कारण",
  "An answer is required.": "उत्तर देना ज़रूरी है।",
  "choose an option.": "एक विकल्प चुनें।",
  "choose one option only.": "केवल एक विकल्प चुनें।",
  "an edited response is empty.": "एक संपादित उत्तर खाली है।",
  "edit a response.": "एक उत्तर संपादित करें।",
  "a tie is not offered.": "बराबरी का विकल्प नहीं है।",
  "both bad is not offered.": "“दोनों खराब” का विकल्प नहीं है।",
  "rank {letters} too.": "{letters} को भी क्रम दें।",
  "rank all {k} responses.": "सभी {k} उत्तरों को क्रम दें।",
  "ranks run from 1 to {k}.": "क्रम 1 से {k} तक होते हैं।",
  "ties are not offered.": "बराबरी का विकल्प नहीं है।",
  "one response must have rank 1.": "किसी एक उत्तर का क्रम 1 होना चाहिए।",
  "rate {attribute}.": "{attribute} को रेटिंग दें।",
  "rate {attribute} for every response.": "हर उत्तर के लिए {attribute} को रेटिंग दें।",
  "{attribute} must be a whole number from {min} to {max}.":
    "{attribute} को {min} से {max} तक की पूर्ण संख्या होना चाहिए।",
  "write something.": "कुछ लिखें।",
  "write at least {count} characters.": "कम से कम {count} वर्ण लिखें।",
  "write at most {count} characters.": "अधिक से अधिक {count} वर्ण लिखें।",
  "You no longer hold this task.": "यह कार्य अब आपके पास नहीं है।",
  "Your screen shows this task as it was never given out to you, so that A and B may be exchanged. Nothing was stored. Load the page again and judge what it shows then.":
    "आपकी स्क्रीन यह कार्य ऐसे दिखा रही है जैसे वह आपको कभी नहीं दिया गया; हो सकता है A और B बदल गए हों। कुछ सहेजा नहीं गया। पेज फिर लोड करें और तब जो दिखे उस पर निर्णय दें।",
  "You have been shown others' answers to this task, or where its responses came from: your own would not be blind.":
    "आपको इस कार्य पर दूसरों के निर्णय, या उत्तरों का स्रोत दिखाया जा चुका है: आपका निर्णय निष्पक्ष रूप से अनजान नहीं रहेगा।",
  "Your consent to the use of your judgements is withdrawn, so nothing was stored. A manager can take it down that you give it again.":
    "आपके निर्णयों के उपयोग की सहमति वापस ली गई है, इसलिए कुछ सहेजा नहीं गया। प्रबंधक दर्ज कर सकते हैं कि आप फिर सहमति देते हैं।",
  "You have answered this task already. Open it in your history to change it.":
    "आप इस कार्य पर पहले ही निर्णय दे चुके हैं। बदलने के लिए इसे अपने इतिहास में खोलें।",
  "Your lease on this task ran out, and other raters have taken its seats. Your answer was not stored; the text is still with you.":
    "इस कार्य के लिए आपका समय समाप्त हो गया, और उसकी जगहें दूसरों ने ले लीं। आपका निर्णय सहेजा नहीं गया; पाठ अब भी आपके पास है।",
  "The assignment was not found. Its prompt was deleted from the project, or the seat was never yours. Nothing was stored; what you wrote is still with you.":
    "यह आवंटन नहीं मिला। उसका प्रॉम्प्ट प्रोजेक्ट से हटा दिया गया, या वह जगह कभी आपकी नहीं थी। कुछ सहेजा नहीं गया; आपका लिखा हुआ अब भी आपके पास है।",
  "Only a judgement that you submitted can be changed.": "केवल आपका जमा किया हुआ निर्णय बदला जा सकता है।",
  "Submit a judgement first, then flag it.": "पहले निर्णय जमा करें, फिर फ़्लैग करें।",
  "You have submitted this task already. Open it in your history to change it.":
    "आप यह कार्य पहले ही जमा कर चुके हैं। बदलने के लिए इसे अपने इतिहास में खोलें।",
  "This task was sent back to you. Open it in your history to do it again.":
    "यह कार्य आपको लौटाया गया है। फिर निर्णय देने के लिए इसे अपने इतिहास में खोलें।",
  "You skipped this task, and another rater has its seat now.":
    "आपने यह कार्य छोड़ दिया था, और अब इसकी जगह किसी और के पास है।",
  "This task is no longer wanted. Nothing was stored.": "इस कार्य की अब ज़रूरत नहीं है। कुछ सहेजा नहीं गया।",
  "This idempotency key was used for another task. Give every judgement its own key.":
    "यह आइडेम्पोटेंसी कुंजी किसी दूसरे कार्य के लिए इस्तेमाल हुई थी। हर निर्णय को अपनी कुंजी दें।",
  "Your hold on this seat had ended. What you handed in after that stands on another seat of the task: open it in your history to change it.":
    "इस जगह पर आपका समय समाप्त हो चुका था। उसके बाद जो आपने जमा किया वह इस कार्य की दूसरी जगह पर दर्ज है: बदलने के लिए उसे अपने इतिहास में खोलें।",
  "There is nothing to undo on this task.": "इस कार्य में वापस लेने को कुछ नहीं है।",
  "Undo works for {seconds} seconds. Open the task in your history to change it.":
    "वापस लेना {seconds} सेकंड तक संभव है। बदलने के लिए कार्य को अपने इतिहास में खोलें।",
  "This task was one of the qualification: its answer stands.":
    "यह कार्य योग्यता का था: इसका उत्तर वैसा ही रहेगा।",
  "You have been told the answer to this task since: yours stands, and counts nowhere else.":
    "इस बीच आपको इस कार्य का उत्तर बताया जा चुका है: आपका उत्तर वैसा ही रहेगा, और कहीं और नहीं गिना जाएगा।",
  "This round of the norming has ended: its raters may have seen one another's answers. Nothing was changed.":
    "मिलान का यह दौर समाप्त हो गया है: इसके प्रतिभागी एक-दूसरे के उत्तर देख चुके हो सकते हैं। कुछ भी नहीं बदला गया।",
  "Your work in this project is paused and the task went to others, so nothing was stored; the text is still with you. A manager of the project can say why, and let you go on.":
    "इस प्रोजेक्ट में आपका काम रुका हुआ है और कार्य दूसरों को दे दिया गया, इसलिए कुछ सहेजा नहीं गया; पाठ अब भी आपके पास है। प्रोजेक्ट के प्रबंधक कारण बता सकते हैं और आपको आगे बढ़ने दे सकते हैं।",
  "Enter a name.": "नाम लिखें।",
  "At most 200 characters.": "अधिक से अधिक 200 वर्ण।",
  "An e-mail address has at most 254 characters.": "ई-मेल पते में अधिक से अधिक 254 वर्ण होते हैं।",
  "Enter an e-mail address, such as ada@example.org.": "ई-मेल पता लिखें, जैसे ada@example.org।",
  "A password needs at least 12 characters.": "पासवर्ड में कम से कम 12 वर्ण चाहिए।",
  "At most 128 characters.": "अधिक से अधिक 128 वर्ण।",
  "This password is too easy to guess. Take several words that do not belong together, and not your name or address.":
    "इस पासवर्ड का अनुमान लगाना बहुत आसान है। ऐसे कई शब्द लें जिनका आपस में संबंध न हो, और अपना नाम या पता नहीं।",
  "A code has six digits.": "कोड में छह अंक होते हैं।",
  "Choose a password first.": "पहले पासवर्ड चुनें।",
  "Too many wrong passwords. Wait 15 minutes.": "बहुत बार गलत पासवर्ड। 15 मिनट रुकें।",
  "The current password is not right.": "मौजूदा पासवर्ड सही नहीं है।",
  "{email} is already somebody's address here.": "{email} यहाँ पहले से किसी का पता है।",
  "Codes are asked for already. Take them away first.": "कोड पहले से माँगे जाते हैं। पहले उन्हें हटाएँ।",
  "The code is not right. Is the clock of the device that shows it?":
    "कोड सही नहीं है। क्या उसे दिखाने वाले उपकरण की घड़ी सही है?",
  "A key is one sign, letters in lower case, or a name such as ArrowLeft or F2; the digits 1 to 9 are the verdict.":
    "कुंजी एक चिह्न है, अक्षर छोटे, या ArrowLeft या F2 जैसा नाम; अंक 1 से 9 निर्णय हैं।",
  "Escape closes and Tab moves the focus: take another key.":
    "Escape बंद करता है और Tab फ़ोकस बदलता है: दूसरी कुंजी चुनें।",
  "0 is a rating, or the tenth rank, where a task has one: take another key.":
    "जिस कार्य में हो, वहाँ 0 रेटिंग या दसवाँ क्रम है: दूसरी कुंजी चुनें।",
  "Sign in first.": "पहले साइन इन करें।",
  "The project was not found.": "प्रोजेक्ट नहीं मिला।",
  "The disk is full: an admin has to free some room. Nothing was changed.":
    "डिस्क भर गई है: एडमिन को जगह खाली करनी होगी। कुछ बदला नहीं गया।",
  "The database is away for a moment. Send the request again.":
    "डेटाबेस थोड़ी देर के लिए उपलब्ध नहीं है। अनुरोध फिर भेजें।",
  "Something went wrong here. The log of the site says what.": "यहाँ कुछ गड़बड़ हुई। साइट का लॉग बताता है कि क्या।",
};
