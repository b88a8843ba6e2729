"use client";
import { FileUp, X } from "lucide-react";
import { useRef, useState } from "react";
import { Button, IconButton } from "@/app/components/ui/button";
import { cn } from "@/app/components/ui/cn";
import { Progress } from "@/app/components/ui/progress";
import { bytes } from "@/app/components/units";
import { uploadFile } from "./upload";

export interface UploadedFile {
  name: string;
  size: number;
  sha256: string;
}

interface Sending {
  id: number;
  file: File;
  sent: number;
  problem: string | null;
  stop: AbortController;
}

let lastId = 0;

/** Takes files by drop or dialog and sends them at once, each with its progress. */
export function FileChoice({
  projectId,
  files,
  onChange,
  invitation = "or drop them here: JSON Lines, JSON, CSV, TSV or Parquet, also gzipped. Preference pairs, conversations, rankings and existing judgements are recognised; for anything else you choose the columns.",
}: {
  projectId: string;
  files: readonly UploadedFile[];
  /** What may be brought, while nothing is. */
  invitation?: string;
  onChange: (change: (files: readonly UploadedFile[]) => readonly UploadedFile[]) => void;
}) {
  const [sending, setSending] = useState<readonly Sending[]>([]);
  const [isOver, setOver] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const update = (id: number, change: Partial<Sending>) =>
    setSending((all) => all.map((one) => (one.id === id ? { ...one, ...change } : one)));
  const drop = (id: number) => setSending((all) => all.filter((one) => one.id !== id));

  const send = async (file: File) => {
    lastId += 1;
    const id = lastId;
    const stop = new AbortController();
    setSending((all) => [...all, { id, file, sent: 0, problem: null, stop }]);
    try {
      const { sha256, size } = await uploadFile(projectId, file, {
        onSent: (sent) => update(id, { sent }),
        signal: stop.signal,
      });
      drop(id);
      onChange((all) => [...all.filter(({ name }) => name !== file.name), { name: file.name, sha256, size }]);
    } catch (cause) {
      if (stop.signal.aborted) drop(id);
      else update(id, { problem: cause instanceof Error ? cause.message : String(cause) });
    }
  };
  const sendAll = (list: FileList | null) => {
    for (const file of list ?? []) void send(file);
  };
  const isEmpty = files.length + sending.length === 0;
  return (
    <section aria-label="Files" className="flex flex-col gap-2">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button inside does the same without a mouse */}
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          sendAll(event.dataTransfer.files);
        }}
        className={cn(
          "flex flex-wrap items-center justify-center gap-x-4 gap-y-2 rounded-lg border border-dashed border-line-strong px-4 text-center",
          isEmpty ? "flex-col py-14" : "py-3",
          isOver && "border-accent bg-accent-wash",
        )}
      >
        {isEmpty && <FileUp aria-hidden="true" className="size-6 text-muted" />}
        <Button variant={isEmpty ? "primary" : "secondary"} onClick={() => picker.current?.click()}>
          {isEmpty ? "Choose files" : "Add files"}
        </Button>
        <p className="max-w-prose text-sm text-muted">
          {isEmpty
            ? invitation
            : "Files that belong together, such as answers and the votes on them, are read together."}
        </p>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          aria-label="Files to import"
          onChange={(event) => {
            sendAll(event.target.files);
            event.target.value = "";
          }}
        />
      </div>
      {!isEmpty && (
        <ul className="flex flex-col divide-y rounded-md border">
          {files.map((file) => (
            <li key={file.name} className="flex items-center gap-3 px-3 py-1.5 text-sm">
              <span className="min-w-0 flex-1 truncate font-medium">{file.name}</span>
              <span className="text-muted tabular">{bytes(file.size)}</span>
              <IconButton
                label={`Leave out ${file.name}`}
                onClick={() => onChange((all) => all.filter(({ name }) => name !== file.name))}
              >
                <X />
              </IconButton>
            </li>
          ))}
          {sending.map(({ id, file, sent, problem, stop }) => (
            <li key={id} className="flex items-center gap-3 px-3 py-1.5 text-sm">
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium">{file.name}</p>
                {problem ? (
                  <p role="alert" className="text-xs text-bad">
                    {problem}
                  </p>
                ) : (
                  <Progress value={sent} of={file.size} label={`Sending ${file.name}`} className="mt-1" />
                )}
              </div>
              <span className="text-muted tabular">
                {bytes(sent)} of {bytes(file.size)}
              </span>
              <IconButton
                label={problem ? "Dismiss" : `Stop sending ${file.name}`}
                onClick={() => (problem ? drop(id) : stop.abort())}
              >
                <X />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
