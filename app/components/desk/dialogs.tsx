"use client";
import { Option } from "../question/option";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Field, Textarea } from "../ui/field";
import { KeyList } from "./key-list";
import { isLive } from "./keymap";
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
  const reason = state.mode.name === "skipping" ? state.mode.reason : null;
  return (
    <Dialog
      open={state.mode.name === "skipping"}
      onOpenChange={(open) => !open && dispatch({ type: "close" })}
      title="Skip this task"
      description={instructions || "Somebody else will judge it. Why not you?"}
      footer={
        <>
          <Button hint="Esc" onClick={() => dispatch({ type: "close" })}>
            Cancel
          </Button>
          <Button variant="primary" hint="⏎" disabled={reason === null} onClick={onConfirm}>
            Skip
          </Button>
        </>
      }
    >
      <div role="radiogroup" aria-label="Reason" className="flex flex-col gap-1">
        {skipReasons.map((label, index) => (
          <Option
            key={label}
            type="radio"
            name="skip-reason"
            label={label}
            checked={reason === index}
            onSelect={() => dispatch({ type: "skipReason", reason: index })}
            hint={String(index + 1)}
            className="min-h-8 justify-between"
          />
        ))}
      </div>
      <Field label="Note" optional className="mt-3">
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
  return (
    <Dialog
      open={state.mode.name === "flagging"}
      onOpenChange={(open) => !open && dispatch({ type: "close" })}
      title="Flag this task"
      description={instructions || "A reviewer will look at it. You judge it all the same."}
      footer={
        <>
          {state.flagReason !== null && (
            <Button className="me-auto" onClick={() => dispatch({ type: "flag", reason: null })}>
              Remove the flag
            </Button>
          )}
          <Button hint="Esc" onClick={() => dispatch({ type: "close" })}>
            Cancel
          </Button>
          <Button variant="primary" hint="Ctrl ⏎" disabled={reason.trim() === ""} onClick={onConfirm}>
            Flag
          </Button>
        </>
      }
    >
      <Field label="What should a reviewer know?">
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
  const judging: DeskState = { ...state, mode: { name: "deciding" } };
  return (
    <Dialog
      open={state.mode.name === "help"}
      onOpenChange={(open) => !open && dispatch({ type: "close" })}
      title="Keys"
      description="No key acts while you write, except Esc and Ctrl ⏎."
      className="max-w-3xl"
      footer={onPractise && <Button onClick={onPractise}>Practise the keys: 20 seconds</Button>}
    >
      <KeyList isFaint={(binding) => binding.modes.includes("deciding") && !isLive(binding, judging)} />
    </Dialog>
  );
}
