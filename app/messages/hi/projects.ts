import type { Translated, Words } from "@/app/i18n/types";

export const projects: Translated<Words["projects"]> = {
  title: "प्रोजेक्ट",
  none: "अभी कोई प्रोजेक्ट नहीं",
  new: "नया प्रोजेक्ट",
  holds: "प्रोजेक्ट में प्रॉम्प्ट, उनके उत्तरों पर पूछे गए प्रश्न, निर्णय देने वाले और उनकी कही बातें होती हैं।",
  noneDetail: "प्रबंधक आपको किसी प्रोजेक्ट में जोड़ते हैं; तब वह यहाँ दिखता है।",
  project: "प्रोजेक्ट",
  role: "आपकी भूमिका",
  languages: "भाषाएँ",
  demo: "डेमो",
  archived: "संग्रहीत",
  roles: { annotator: "एनोटेटर", reviewer: "समीक्षक", manager: "प्रबंधक" },
  progress: "{all, number} में से {done, number}",
  judgementsIn: "{name} में निर्णय",
};
