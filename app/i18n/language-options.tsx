import { languages } from "@/db/shape/language";
import { spoken } from "./languages";

/** The languages of the site to choose from, each named by those who speak it. */
export function LanguageOptions() {
  return languages.map((one) => (
    <option key={one} value={one} lang={one}>
      {spoken[one].name}
    </option>
  ));
}
