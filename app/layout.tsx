import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { figures } from "@/server/figure/schema";
import { FigureNames } from "./components/figure-names";
import { Theme } from "./components/shell/theme";
import { ToastProvider } from "./components/ui/toast";
import "./globals.css";
import { spoken } from "./i18n/languages";
import { requestLanguage } from "./i18n/request";
import { Say } from "./i18n/say";
import { ApiProvider } from "./trpc/client";

export const metadata: Metadata = {
  title: { default: "Concord", template: "%s · Concord" },
  description: "Expert preferences in, aligned models out.",
  referrer: "no-referrer",
};

export const viewport: Viewport = { width: "device-width", initialScale: 1, colorScheme: "light dark" };

const figureNames = Object.fromEntries(Object.entries(figures).map(([id, { name }]) => [id, name]));

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = Theme.from((await cookies()).get(Theme.cookie)?.value);
  const language = await requestLanguage();
  return (
    <html lang={language} dir={spoken[language].dir} data-theme={theme === "system" ? undefined : theme}>
      <body>
        <Say words={["ui", "shell"]}>
          <ApiProvider>
            <FigureNames names={figureNames}>
              <ToastProvider>{children}</ToastProvider>
            </FigureNames>
          </ApiProvider>
        </Say>
      </body>
    </html>
  );
}
