import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Say } from "../i18n/say";
import { Away } from "./away";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("desk");
  return { title: t("title") };
}

/** What the service worker shows in place of the desk while the server is away. It has nothing private in it. */
export default function AwayPage() {
  return (
    <Say words={["desk", "keys", "question"]} said>
      <Away />
    </Say>
  );
}
