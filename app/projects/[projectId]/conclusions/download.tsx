"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { saveFile } from "@/app/components/save-file";
import { Button } from "@/app/components/ui/button";
import { useToast } from "@/app/components/ui/toast";
import { useTRPC } from "@/app/trpc/client";
import type { conclusionFiles } from "@/server/conclusion/schema";
import type { LookAddress } from "./address";

/** Keeps a conclusion as a file. */
export function DownloadButton({
  projectId,
  look,
  file,
  children,
}: {
  projectId: string;
  look: LookAddress;
  file: (typeof conclusionFiles)[number];
  children: string;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  const keep = async () => {
    setBusy(true);
    try {
      const asked = trpc.conclusion.file.queryOptions({ projectId, ...look, file });
      saveFile(await client.fetchQuery(asked));
    } catch (error) {
      toast({ title: error instanceof Error ? error.message : String(error), tone: "bad" });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button busy={busy} onClick={() => void keep()}>
      <Download aria-hidden="true" />
      {children}
    </Button>
  );
}
