"use client";
import { useState } from "react";
import type { AddressReader } from "@/app/components/table/address";
import { useAddress } from "@/app/components/table/use-address";
import { type Choice, Choosing } from "./choosing";
import { ImportRun } from "./import-run";

const importAddress = (address: AddressReader) => ({ run: address.id("run") });

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
