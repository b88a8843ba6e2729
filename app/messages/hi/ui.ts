import type { Translated, Words } from "@/app/i18n/types";

export const ui: Translated<Words["ui"]> = {
  close: "बंद करें",
  dismiss: "हटाएँ",
  notification: "सूचना",
  optional: "वैकल्पिक",
  cancel: "रद्द करें",
  done: "हो गया",
  chosen: "चुना हुआ",
  copy: "कॉपी करें",
  copied: "कॉपी हो गया",
  copyOnce: "इसे अभी कॉपी करें: यह दोबारा नहीं दिखेगा।",
  saved: "सहेजा गया",
  tryAgain: "फिर कोशिश करें",
  justNow: "अभी-अभी",
  language: "भाषा",
  duration: {
    seconds: "{seconds, number} से॰",
    minutes: "{minutes, number} मि॰",
    minutesAndSeconds: "{minutes, number} मि॰ {seconds, number} से॰",
    hours: "{hours, number} घं॰",
    hoursAndMinutes: "{hours, number} घं॰ {minutes, number} मि॰",
  },
  failed: {
    title: "यह पेज नहीं दिखाया जा सका",
    disk: "इस साइट की डिस्क भर गई है: एडमिन को बताएँ।",
    database: "डेटाबेस अभी उपलब्ध नहीं है।",
    detail: "आपकी सहेजी हुई किसी चीज़ पर असर नहीं पड़ा है। फिर ऐसा हो तो एडमिन को बताएँ कि आपने क्या किया था।",
    cause: "कारण सर्वर के लॉग में <code>{digest}</code> के नीचे है।",
  },
  missing: {
    title: "यहाँ कुछ नहीं है",
    detail: "यह पेज मौजूद नहीं है, या ऐसे प्रोजेक्ट का है जिसके आप सदस्य नहीं हैं।",
    projects: "आपके प्रोजेक्ट",
  },
};
