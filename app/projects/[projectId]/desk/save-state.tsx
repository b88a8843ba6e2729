"use client";
import { Check, CloudOff, Copy, TriangleAlert, UploadCloud } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { Line } from "@/app/components/outbox/courier";
import type { StoredEntry } from "@/app/components/outbox/entry";
import { Button } from "@/app/components/ui/button";
import { Dialog } from "@/app/components/ui/dialog";
import { useToast } from "@/app/components/ui/toast";
import { useSaid } from "@/app/i18n/said";
import { textsOf } from "@/server/form/answers";

/** Where the judgements are: with the server, on their way, or refused with the reason and the text. */
export function SaveState({
  line,
  storing,
  onDiscard,
  onRetry,
}: {
  line: Line;
  /** Judgements that the browser is just writing down. */
  storing: number;
  onDiscard: (id: number) => void;
  onRetry: () => void;
}) {
  const t = useTranslations("desk.save");
  const said = useSaid();
  const [open, setOpen] = useState(false);
  const refused = line.entries.filter((entry) => entry.refused !== null);
  const failing = line.entries.filter(({ id }) => line.failing.includes(id));
  const waiting = Math.max(storing, line.entries.length - refused.length);
  return (
    <>
      <span role="status" className="inline-flex items-center gap-1 [&_svg]:size-3.5">
        {line.signedOut ? (
          <a href="/sign-in" className="font-medium text-warn underline">
            {t("signedOut", { count: waiting })}
          </a>
        ) : waiting === 0 ? (
          <>
            {t("saved")} <Check aria-hidden="true" className="text-good" />
          </>
        ) : line.reachable ? (
          <>
            {t("underWay", { count: waiting })} <UploadCloud aria-hidden="true" />
          </>
        ) : (
          <button
            type="button"
            onClick={onRetry}
            title={t("retry")}
            className="inline-flex items-center gap-1 font-medium text-warn"
          >
            {t("offline", { count: waiting })} <CloudOff aria-hidden="true" />
          </button>
        )}
      </span>
      {refused.length + failing.length > 0 && (
        <button
          type="button"
          onClick={() => setOpen(true)}
          className="inline-flex items-center gap-1 font-medium text-bad underline [&_svg]:size-3.5"
        >
          <TriangleAlert aria-hidden="true" />
          {t("refused", { count: refused.length + failing.length })}
        </button>
      )}
      <Dialog
        open={open && refused.length + failing.length > 0}
        onOpenChange={setOpen}
        title={t("title")}
        description={t("detail")}
        className="max-w-2xl"
      >
        <ul className="flex flex-col gap-4">
          {[...refused, ...failing].map((entry) => (
            <li key={entry.id} className="rounded-lg border p-3">
              <p className="text-sm font-medium text-bad">
                {entry.refused === null ? t("failing") : said(entry.refused)}
              </p>
              <p dir="auto" className="mt-1 line-clamp-2 text-sm text-muted">
                {entry.excerpt}
              </p>
              <Kept entry={entry} onDiscard={() => onDiscard(entry.id)} />
            </li>
          ))}
        </ul>
      </Dialog>
    </>
  );
}

function Kept({ entry, onDiscard }: { entry: StoredEntry; onDiscard: () => void }) {
  const toast = useToast();
  const t = useTranslations("desk.save");
  const ui = useTranslations("ui");
  const said = useSaid();
  const text = entry.kind === "undo" ? t("undo") : wordsOf(entry, said);
  return (
    <>
      <pre
        dir="auto"
        className="scroll-thin mt-2 max-h-48 overflow-auto whitespace-pre-wrap rounded-md bg-sunken p-2 font-sans text-sm"
      >
        {text}
      </pre>
      <div className="mt-2 flex justify-end gap-2">
        <Button
          size="sm"
          onClick={async () => {
            await navigator.clipboard.writeText(text);
            toast({ title: ui("copied") });
          }}
        >
          <Copy aria-hidden="true" />
          {ui("copy")}
        </Button>
        <Button size="sm" onClick={onDiscard}>
          {t("remove")}
        </Button>
      </div>
    </>
  );
}

/** The words of an entry first, then the answers as they would have been sent. */
function wordsOf(entry: Exclude<StoredEntry, { kind: "undo" }>, said: (english: string) => string): string {
  if (entry.kind === "skip") return [said(entry.skip.reason), entry.skip.note].filter(Boolean).join("\n");
  const answers = Object.entries(entry.judgement.answers);
  const words = answers.flatMap(([, answer]) => textsOf(answer));
  const rest = answers.filter(([, answer]) => textsOf(answer).length === 0);
  return [...words, ...rest.map(([id, answer]) => `${id}: ${JSON.stringify(answer)}`)].join("\n\n");
}
