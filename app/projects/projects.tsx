"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { FolderPlus } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { FigureName } from "@/app/components/figure";
import { PageHeader } from "@/app/components/shell/page-header";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { Field, Input, NumberInput, Textarea } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { Progress } from "@/app/components/ui/progress";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";

/** The projects somebody is in. Annotators come to the desk, everybody else to the overview. */
export function Projects() {
  const trpc = useTRPC();
  const [creating, setCreating] = useState(false);
  const projects = useQuery(trpc.project.list.queryOptions());
  const create = projects.data?.mayCreate ? (
    <Button variant="primary" onClick={() => setCreating(true)}>
      New project
    </Button>
  ) : null;
  return (
    <>
      <PageHeader title="Projects" actions={projects.data?.items.length ? create : null} />
      {projects.data?.items.length === 0 ? (
        <Empty icon={<FolderPlus />} title="No projects yet" action={create}>
          {create
            ? "A project holds prompts, the questions you ask about their responses, the raters and what they said."
            : "A manager adds you to a project; it then appears here."}
        </Empty>
      ) : (
        <Table label="Projects">
          <thead>
            <tr>
              <Th>Project</Th>
              <Th>Your role</Th>
              <Th className="w-56">
                <FigureName id="judgements" />
              </Th>
              <Th>Languages</Th>
            </tr>
          </thead>
          <tbody>
            {projects.data?.items.map(
              ({ id, name, description, role, seats, languages, isDemo, archivedAt }) => (
                <Tr key={id}>
                  <Td>
                    <Link
                      href={role === "annotator" ? `/projects/${id}/desk` : `/projects/${id}`}
                      className="font-medium hover:underline"
                    >
                      {name}
                    </Link>{" "}
                    {isDemo && <Badge tone="accent">demo</Badge>}{" "}
                    {archivedAt && <Badge tone="warn">archived</Badge>}
                    {description && <p className="max-w-prose text-xs text-muted">{description}</p>}
                  </Td>
                  <Td>{role}</Td>
                  <Td>
                    <p className="mb-1 text-xs text-muted tabular">
                      {amount(seats.submitted)} of {amount(seats.wanted)}
                    </p>
                    <Progress value={seats.submitted} of={seats.wanted} label={`Judgements in ${name}`} />
                  </Td>
                  <Td className="text-muted">{languages.join(", ")}</Td>
                </Tr>
              ),
            )}
          </tbody>
        </Table>
      )}
      <NewProject open={creating} onOpenChange={setCreating} />
    </>
  );
}

function NewProject({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const trpc = useTRPC();
  const router = useRouter();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [overlap, setOverlap] = useState(3);
  const create = useMutation(
    trpc.project.create.mutationOptions({ onSuccess: ({ id }) => router.push(`/projects/${id}`) }),
  );
  return (
    <FormDialog
      open={open}
      onOpenChange={onOpenChange}
      title="New project"
      description="It starts with a 7-point comparison and a rationale; change the form and the guidelines under Settings."
      submit="Create project"
      busy={create.isPending}
      hint="⏎"
      onSubmit={() => create.mutate({ name, description, overlap })}
    >
      <Field label="Name" error={create.error?.message}>
        {(control) => (
          <Input
            {...control}
            required
            maxLength={120}
            autoFocus
            value={name}
            onChange={(e) => setName(e.target.value)}
          />
        )}
      </Field>
      <Field label="Description" optional>
        {(control) => (
          <Textarea
            {...control}
            maxLength={2000}
            value={description}
            onChange={(e) => setDescription(e.target.value)}
          />
        )}
      </Field>
      <Field
        label="Raters per task"
        help="The overlap is kept exactly: never more raters than this, never one twice."
      >
        {(control) => (
          <NumberInput
            {...control}
            required
            min={1}
            max={100}
            className="w-24"
            value={overlap}
            onNumber={setOverlap}
          />
        )}
      </Field>
    </FormDialog>
  );
}
