"use client";
import { useState } from "react";
import { z } from "zod";
import { useAddress } from "@/app/components/table/use-address";
import type { ImportOptionsInput } from "@/server/import/schema";
import { Choosing } from "./choosing";
import type { UploadedFile } from "./file-choice";
import { ImportRun } from "./import-run";

export const importAddress = z.object({ run: z.uuid().optional() });

/** What a person has chosen so far; back from a check it is still there. */
export interface Choice {
  files: readonly UploadedFile[];
  options: ImportOptionsInput;
  /** Raters for each new task; empty: as the import finds right. */
  seats: string;
}

/**
 * From files to prompts: choose, look at what they are taken for, check every row, import. A check or an import under
 * way is in the address, so that it can be left and come back to.
 */
export function Import({ projectId }: { projectId: string }) {
  const [{ run: runId }, address] = useAddress(importAddress);
  const [choice, setChoice] = useState<Choice>({ files: [], options: {}, seats: "" });
  const onStarted = (id: string) => address.visit({ run: id });
  if (!runId)
    return <Choosing projectId={projectId} choice={choice} onChange={setChoice} onStarted={onStarted} />;
  return (
    <ImportRun
      key={runId}
      projectId={projectId}
      runId={runId}
      onStarted={onStarted}
      onChoose={(keep) => {
        if (!keep) setChoice({ files: [], options: {}, seats: "" });
        address.visit({ run: null });
      }}
      canChange={choice.files.length > 0}
    />
  );
}
