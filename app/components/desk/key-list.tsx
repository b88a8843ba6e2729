"use client";
import { RotateCcw } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useState } from "react";
import { isMirrored } from "@/app/i18n/languages";
import { useSaid } from "@/app/i18n/said";
import { type DeskAction, deskKeysSchema } from "@/db/shape/desk";
import { Button } from "../ui/button";
import { cn } from "../ui/cn";
import { Kbd } from "../ui/kbd";
import { type Binding, isDeskAction, reboundWith } from "./keymap";
import { useDeskKeyboard } from "./keys";
import { namesOf } from "./press";

const groups = ["Judge", "Explain", "Look", "Task"] as const;
const held = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "Fn"]);

/** A key that cannot be given as it was asked for. */
interface Refusal {
  action: DeskAction;
  message: string;
  /** The action that has the key, and what both would have after trading. */
  trade?: { with: DeskAction; key: string };
}

/** Every key of the desk, by what it is for. Whoever is signed in can give an action another key. */
export function KeyList({ isFaint = () => false }: { isFaint?: (binding: Binding) => boolean }) {
  const { bindings, rebound, rebind, cap } = useDeskKeyboard();
  const t = useTranslations("keys");
  const said = useSaid();
  const mirrored = isMirrored(useLocale());
  const [asking, setAsking] = useState<DeskAction | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);

  const give = (action: DeskAction, key: string | undefined) => {
    if (key === undefined) return setRefusal({ action, message: t("composes") });
    const { error } = deskKeysSchema.safeParse({ [action]: key });
    if (error) return setRefusal({ action, message: said(error.issues[0]?.message ?? error.message) });
    const owner = bindings.find(({ id, keys }) => id !== action && isDeskAction(id) && keys.includes(key));
    if (owner && isDeskAction(owner.id))
      return setRefusal({
        action,
        message: t("taken", { key: cap(key), action: t(`actions.${owner.id}`) }),
        trade: { with: owner.id, key },
      });
    setRefusal(null);
    rebind?.(reboundWith(rebound, { [action]: key }, mirrored));
  };
  const trade = ({ action, trade: traded }: Refusal) => {
    const own = bindings.find(({ id }) => id === action)?.keys[0];
    setRefusal(null);
    if (traded && own) rebind?.(reboundWith(rebound, { [action]: traded.key, [traded.with]: own }, mirrored));
  };
  useNextKey(asking !== null, (event) => {
    if (asking && event.key !== "Escape") give(asking, namesOf(nameable(event)).at(-1));
    setAsking(null);
  });

  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
        {groups.map((group) => (
          <section key={group}>
            <h3 className="mb-1 text-xs font-medium text-muted">{t(`groups.${group}`)}</h3>
            <dl className="flex flex-col gap-1">
              {bindings
                .filter((binding) => binding.group === group)
                .map((binding) => {
                  const { id, shown } = binding;
                  const label = t(`actions.${id}`);
                  const faint = isFaint(binding);
                  return (
                    <div key={id} className={cn("flex items-baseline gap-3 text-sm", faint && "text-muted")}>
                      <dt className="flex w-20 shrink-0 justify-end">
                        {rebind && isDeskAction(id) ? (
                          <Button
                            size="sm"
                            variant="ghost"
                            aria-label={t("change", { key: shown || t("noKey"), action: label })}
                            aria-pressed={asking === id}
                            className="h-6 px-1.5"
                            onClick={() => {
                              setRefusal(null);
                              setAsking(id);
                            }}
                          >
                            {asking === id ? t("press") : shown ? <Kbd>{shown}</Kbd> : t("none")}
                          </Button>
                        ) : (
                          <span className="px-1.5">
                            <Kbd>{shown}</Kbd>
                            <span className="sr-only">{shown}</span>
                          </span>
                        )}
                      </dt>
                      <dd className="min-w-0">
                        {label}
                        {faint && <span className="text-xs"> {t("faint")}</span>}
                        {refusal?.action === id && (
                          <span role="alert" className="flex flex-wrap items-center gap-2 text-bad">
                            {refusal.message}
                            {refusal.trade && (
                              <Button size="sm" onClick={() => trade(refusal)}>
                                {t("trade")}
                              </Button>
                            )}
                          </span>
                        )}
                      </dd>
                    </div>
                  );
                })}
            </dl>
          </section>
        ))}
      </div>
      {rebind && (
        <div className="flex flex-wrap items-center gap-2 text-sm text-muted">
          <span className="min-w-0 flex-1">{t("about")}</span>
          <Button size="sm" disabled={Object.keys(rebound).length === 0} onClick={() => rebind({})}>
            <RotateCcw aria-hidden="true" />
            {t("usual")}
          </Button>
        </div>
      )}
    </div>
  );
}

const nameable = (event: KeyboardEvent) => ({
  key: event.altKey || event.ctrlKey || event.metaKey ? "Unidentified" : event.key,
  code: event.code,
  shift: event.shiftKey,
});

/** While it waits, the next key goes nowhere else: not to the desk, not to the dialog around it. */
function useNextKey(waits: boolean, onKey: (event: KeyboardEvent) => void) {
  const hear = useEffectEvent(onKey);
  useEffect(() => {
    if (!waits) return;
    const listen = (event: KeyboardEvent) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!held.has(event.key)) hear(event);
    };
    window.addEventListener("keydown", listen, { capture: true });
    return () => window.removeEventListener("keydown", listen, { capture: true });
  }, [waits]);
}
