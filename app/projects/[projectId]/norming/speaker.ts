import { useTranslations } from "next-intl";
import type { Speaker } from "@/server/norming/schema";

/** Who somebody is: yourself, a name where it is told, else a number that is the same on all of the page. */
export function useSpeaker(): (by: Speaker) => string {
  const t = useTranslations("norming");
  return ({ isMe, name, number }) =>
    isMe ? t("you") : (name ?? (number === null ? t("reviewer") : t("rater", { number })));
}
