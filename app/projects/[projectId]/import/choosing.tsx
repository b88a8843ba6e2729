"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { amount } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { type ImportOptions, importOptionsSchema } from "@/server/import/schema";
import { FileChoice, type UploadedFile } from "./file-choice";
import { FilePreviews } from "./file-preview";
import { MappingForm } from "./mapping-form";
import { OptionsForm } from "./options-form";
import { SavedMappings } from "./saved-mappings";

/** What a person has chosen so far; back from a check it is still there. */
export interface Choice {
  files: readonly UploadedFile[];
  options: Partial<ImportOptions>;
  /** Raters for each new task; empty: as the import finds right. */
  seats: string;
}

/** The files, what they are taken for, and how to read them. */
export function Choosing({
  projectId,
  choice,
  onChange,
  onStarted,
}: {
  projectId: string;
  choice: Choice;
  onChange: (choice: Choice) => void;
  onStarted: (runId: string) => void;
}) {
  const trpc = useTRPC();
  const { files, options, seats } = choice;
  const uploads = files.map(({ name, sha256 }) => ({ name, sha256 }));
  const [issue] = importOptionsSchema.safeParse(options).error?.issues ?? [];
  const isSound = issue === undefined;
  const project = useQuery(trpc.project.get.queryOptions({ projectId }));
  const preview = useQuery(
    trpc.import.preview.queryOptions(
      { projectId, files: uploads, options },
      {
        enabled: files.length > 0 && isSound,
        staleTime: Number.POSITIVE_INFINITY,
        placeholderData: (before) => before,
      },
    ),
  );
  const start = useMutation(trpc.import.start.mutationOptions({ onSuccess: (run) => onStarted(run.id) }));
  const previews = files.length > 0 ? preview.data : undefined;
  const places = previews?.flatMap((file) => file.places) ?? [];
  const isReadable = previews?.some((file) => file.shape !== null) ?? false;
  const trouble = preview.error ?? start.error;
  const setOptions = (changed: Choice["options"]) => onChange({ ...choice, options: changed });
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader title="Import" />
      <div className="flex max-w-6xl flex-col gap-6 px-4 md:px-6">
        <FileChoice
          projectId={projectId}
          files={files}
          onChange={(change) => onChange({ ...choice, files: change(files) })}
        />
        {files.length > 0 && preview.isPending && isSound && (
          <p className="text-sm text-muted">Looking at the first rows…</p>
        )}
        {previews && (
          <>
            <FilePreviews
              previews={previews}
              project={project.data}
              isStale={preview.isPlaceholderData}
              options={options}
              onOptions={setOptions}
            />
            {options.mapping && (
              <MappingForm
                mapping={options.mapping}
                places={places}
                onChange={(mapping) => setOptions({ ...options, mapping })}
              />
            )}
            {issue && (
              <p role="alert" className="rounded-md bg-bad-wash px-3 py-2 text-sm text-bad">
                {issue.path.join(".")}: {issue.message}
              </p>
            )}
            <SavedMappings
              projectId={projectId}
              mapping={isSound ? options.mapping : undefined}
              onUse={(mapping) => setOptions({ ...options, shape: undefined, mapping })}
            />
            <OptionsForm
              projectId={projectId}
              guess={previews.find((file) => file.guess)?.guess ?? null}
              options={options}
              onOptions={setOptions}
              seats={seats}
              onSeats={(value) => onChange({ ...choice, seats: value })}
            />
          </>
        )}
        {trouble && (
          <p role="alert" className="rounded-md bg-bad-wash px-3 py-2 text-sm text-bad">
            {trouble.message}
          </p>
        )}
        {previews && (
          <div className="flex flex-wrap items-center gap-3 border-t pt-4">
            <Button
              variant="primary"
              disabled={!isReadable || !isSound || preview.isPlaceholderData}
              busy={start.isPending}
              onClick={() =>
                start.mutate({
                  projectId,
                  files: uploads,
                  options,
                  dryRun: true,
                  ...(seats === "" ? {} : { seats: Number(seats) }),
                })
              }
            >
              Check all rows
            </Button>
            <p className="text-sm text-muted">
              Reads {files.length === 1 ? "the whole file" : `all ${amount(files.length)} files`} and lists
              every problem. Nothing is changed yet.
            </p>
          </div>
        )}
      </div>
    </div>
  );
}
