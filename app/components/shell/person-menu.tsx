"use client";
import { KeyRound, LogOut, Monitor, Moon, ShieldCheck, Sun } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { startTransition, useState } from "react";
import { forgetDesks } from "../outbox/kept";
import { cn } from "../ui/cn";
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from "../ui/menu";
import { leave } from "./sign-out";
import { Theme, themes } from "./theme";

export interface SignedIn {
  name: string;
  email: string;
  isAdmin: boolean;
}

const themeIcons = { system: Monitor, light: Sun, dark: Moon };

export function PersonMenu({ person, narrow }: { person: SignedIn; narrow: boolean }) {
  const t = useTranslations("shell");
  const [theme, setTheme] = useState<Theme | null>(null);
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={t("person", { name: person.name })}
          title={person.name}
          onFocus={() => setTheme(Theme.current())}
          onPointerEnter={() => setTheme(Theme.current())}
          className={cn(
            "touch-target flex h-8 min-w-0 items-center gap-2 rounded-md text-sm hover:bg-hover",
            narrow ? "w-9 justify-center" : "px-1.5",
          )}
        >
          <span
            aria-hidden="true"
            className="flex size-6 shrink-0 items-center justify-center rounded-full bg-accent-wash text-2xs font-semibold text-accent"
          >
            {initials(person.name)}
          </span>
          {!narrow && <span className="min-w-0 flex-1 truncate text-start">{person.name}</span>}
        </button>
      }
    >
      <MenuLabel>{person.email}</MenuLabel>
      <MenuItem asChild>
        <Link href="/account">
          <KeyRound aria-hidden="true" />
          {t("account")}
        </Link>
      </MenuItem>
      {person.isAdmin && (
        <MenuItem asChild>
          <Link href="/admin">
            <ShieldCheck aria-hidden="true" />
            {t("administration")}
          </Link>
        </MenuItem>
      )}
      <MenuSeparator />
      <MenuLabel>{t("theme")}</MenuLabel>
      {themes.map((choice) => {
        const Icon = themeIcons[choice];
        return (
          <MenuChoice
            key={choice}
            chosen={theme === choice}
            onSelect={() => {
              Theme.choose(choice);
              setTheme(choice);
            }}
          >
            <Icon aria-hidden="true" />
            {t(`themes.${choice}`)}
          </MenuChoice>
        );
      })}
      <MenuSeparator />
      <MenuItem
        onSelect={() =>
          startTransition(async () => {
            await forgetDesks();
            await leave();
          })
        }
      >
        <LogOut aria-hidden="true" className="rtl:-scale-x-100" />
        {t("signOut")}
      </MenuItem>
    </Menu>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => Array.from(word ?? "?")[0]?.toUpperCase() ?? "?").join("");
}
