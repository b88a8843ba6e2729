"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { FolderPlus } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
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
import { useTRPC } from "@/app/trpc/client";

/** The projects somebody is in. Annotators come to the desk, everybody else to the overview. */
export function Projects() {
  const t = useTranslations("projects");
  const trpc = useTRPC();
  const [creating, setCreating] = useState(false);
  const projects = useQuery(trpc.project.list.queryOptions());
  const create = projects.data?.mayCreate ? (
    <Button variant="primary" onClick={() => setCreating(true)}>
      {t("new")}
    </Button>
  ) : null;
  return (
    <>
      <PageHeader title={t("title")} actions={projects.data?.items.length ? create : null} />
      {projects.data?.items.length === 0 ? (
        <Empty icon={<FolderPlus />} title={t("none")} action={create}>
          {create ? t("holds") : t("noneDetail")}
        </Empty>
      ) : (
        <Table label={t("title")}>
          <thead>
            <tr>
              <Th>{t("project")}</Th>
              <Th>{t("role")}</Th>
              <Th className="w-56">
                <FigureName id="judgements" />
              </Th>
              <Th>{t("languages")}</Th>
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
                    {isDemo && <Badge tone="accent">{t("demo")}</Badge>}{" "}
                    {archivedAt && <Badge tone="warn">{t("archived")}</Badge>}
                    {description && <p className="max-w-prose text-xs text-muted">{description}</p>}
                  </Td>
                  <Td>{role && t(`roles.${role}`)}</Td>
                  <Td>
                    <p className="mb-1 text-xs text-muted tabular">
                      {t("progress", { done: seats.submitted, all: seats.wanted })}
                    </p>
                    <Progress value={seats.submitted} of={seats.wanted} label={t("judgementsIn", { name })} />
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
