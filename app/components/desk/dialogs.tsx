"use client";
import { useTranslations } from "next-intl";
import { useSaid } from "@/app/i18n/said";
import { Option } from "../question/option";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Field, Textarea } from "../ui/field";
import { KeyList } from "./key-list";
import { isLive } from "./keymap";
import { useDeskKeyboard } from "./keys";
import type { Action, DeskState } from "./model";
import { skipReasons } from "./state";

interface DialogProps {
  state: DeskState;
  dispatch: (action: Action) => void;
}

export interface Skip {
  reason: string;
  note: string;
}

export function SkipDialog({
  state,
  dispatch,
  instructions,
  note,
  onNote,
  onConfirm,
}: DialogProps & {
  instructions: string;
  note: string;
  onNote: (note: string) => void;
  onConfirm: () => void;
}) {
  const t = useTranslations("desk.skip");
  const ui = useTranslations("ui");
  const bar = useTranslations("desk.bar");
  const said = useSaid();
  const reason = state.mode.name === "skipping" ? state.mode.reason : null;
  return (
    <Dialog
      open={state.mode.name === "skipping"}
      onOpenChange={(open) => !open && dispatch({ type: "close" })}
      title={t("title")}
      description={instructions || t("detail")}
      footer={
        <>
          <Button hint="Esc" onClick={() => dispatch({ type: "close" })}>
            {ui("cancel")}
          </Button>
          <Button variant="primary" hint="⏎" disabled={reason === null} onClick={onConfirm}>
            {bar("skip")}
          </Button>
        </>
      }
    >
      <div role="radiogroup" aria-label={t("reason")} className="flex flex-col gap-1">
        {skipReasons.map((skipReason, index) => (
          <Option
            key={skipReason}
            type="radio"
            name="skip-reason"
            label={said(skipReason)}
            checked={reason === index}
            onSelect={() => dispatch({ type: "skipReason", reason: index })}
            hint={String(index + 1)}
            className="min-h-8 justify-between"
          />
        ))}
      </div>
      <Field label={t("note")} optional className="mt-3">
        {(control) => (
          <Textarea
            {...control}
            rows={2}
            maxLength={2000}
            value={note}
            onChange={(event) => onNote(event.target.value)}
            className="min-h-14"
          />
        )}
      </Field>
    </Dialog>
  );
}

export function FlagDialog({
  state,
  dispatch,
  instructions,
  reason,
  onReason,
  onConfirm,
}: DialogProps & {
  instructions: string;
  reason: string;
  onReason: (reason: string) => void;
  onConfirm: () => void;
}) {
  const t = useTranslations("desk.flag");
  const ui = useTranslations("ui");
  const bar = useTranslations("desk.bar");
  const { keyOf } = useDeskKeyboard();
  return (
    <Dialog
      open={state.mode.name === "flagging"}
      onOpenChange={(open) => !open && dispatch({ type: "close" })}
      title={t("title")}
      description={instructions || t("detail")}
      footer={
        <>
          {state.flagReason !== null && (
            <Button className="me-auto" onClick={() => dispatch({ type: "flag", reason: null })}>
              {t("remove")}
            </Button>
          )}
          <Button hint="Esc" onClick={() => dispatch({ type: "close" })}>
            {ui("cancel")}
          </Button>
          <Button
            variant="primary"
            hint={keyOf("confirmTyping")}
            disabled={reason.trim() === ""}
            onClick={onConfirm}
          >
            {bar("flag")}
          </Button>
        </>
      }
    >
      <Field label={t("reason")}>
        {(control) => (
          <Textarea
            {...control}
            autoFocus
            rows={3}
            maxLength={2000}
            value={reason}
            onChange={(event) => onReason(event.target.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}

/** Every key there is; those that do nothing in this task are faint. */
export function KeysDialog({ state, dispatch, onPractise }: DialogProps & { onPractise?: () => void }) {
  const t = useTranslations("keys");
  const { keyOf } = useDeskKeyboard();
  const judging: DeskState = { ...state, mode: { name: "deciding" } };
  return (
    <Dialog
      open={state.mode.name === "help"}
      onOpenChange={(open) => !open && dispatch({ type: "close" })}
      title={t("title")}
      description={t("detail", { submit: keyOf("submitTyping") })}
      className="max-w-3xl"
      footer={onPractise && <Button onClick={onPractise}>{t("practise")}</Button>}
    >
      <KeyList isFaint={(binding) => binding.modes.includes("deciding") && !isLive(binding, judging)} />
    </Dialog>
  );
}
