/** The languages in which the site speaks; English stands in where one has no words. */
export const languages = ["en", "de", "fr", "es", "ar", "hi", "zh", "ja"] as const;
export type Language = (typeof languages)[number];
