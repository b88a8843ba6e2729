"use client";
import { useState } from "react";
import { Thread } from "./thread";

/** A thread that is read once it is unfolded. */
export function Remarks({
  projectId,
  assignmentId,
  label,
  open: atFirst = false,
}: {
  projectId: string;
  assignmentId: string;
  label: string;
  open?: boolean;
}) {
  const [open, setOpen] = useState(atFirst);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)} className="text-sm">
      <summary className="cursor-pointer text-accent">{label}</summary>
      {open && (
        <div className="pt-2">
          <Thread projectId={projectId} assignmentId={assignmentId} />
        </div>
      )}
    </details>
  );
}
