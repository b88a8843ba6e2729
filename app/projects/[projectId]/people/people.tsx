"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { FigureName } from "@/app/components/figure";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { Table, Th } from "@/app/components/ui/table";
import { useToast } from "@/app/components/ui/toast";
import { counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { ReopenDialog } from "../preferences/reopen-dialog";
import { AddMember } from "./add-member";
import { ConsentDialog } from "./consent-dialog";
import { type Participant, participantsOf } from "./participants";
import { type PersonAction, PersonRow } from "./person-row";
import { RemoveDialog } from "./remove-dialog";
import { SkillsDialog } from "./skills-dialog";

/** Who takes part: role, skills, and how their work goes; imported raters and models too. */
export function People({
  projectId,
  mayManage,
  isAdmin,
}: {
  projectId: string;
  mayManage: boolean;
  isAdmin: boolean;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const [adding, setAdding] = useState(false);
  const [chosen, setChosen] = useState<{ who: Participant; action: PersonAction } | null>(null);
  const members = useQuery(trpc.member.list.queryOptions({ projectId }));
  const raters = useQuery(trpc.rater.list.queryOptions({ projectId }));
  const dashboard = useQuery(trpc.review.dashboard.queryOptions({ projectId }));
  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: trpc.member.pathKey() }),
      client.invalidateQueries({ queryKey: trpc.rater.pathKey() }),
      client.invalidateQueries({ queryKey: trpc.review.dashboard.queryKey({ projectId }) }),
    ]);
  useSubscription(
    trpc.project.watch.subscriptionOptions(
      { projectId },
      {
        onData: () =>
          void client.invalidateQueries({ queryKey: trpc.review.dashboard.queryKey({ projectId }) }),
      },
    ),
  );
  const setRole = useMutation(
    trpc.member.set.mutationOptions({
      onSuccess: ({ name, role }) => {
        toast({ title: `${name} is now ${role === "annotator" ? "an" : "a"} ${role}.` });
        void refresh();
      },
      onError: (error) => toast({ title: error.message, tone: "bad" }),
    }),
  );
  const everyone = participantsOf(members.data ?? [], raters.data ?? [], dashboard.data?.raters ?? []);
  const add = mayManage && (
    <Button variant="primary" onClick={() => setAdding(true)}>
      <UserPlus aria-hidden="true" />
      Add somebody
    </Button>
  );
  const close = () => setChosen(null);
  return (
    <>
      <PageHeader title="People" actions={add}>
        {members.data && (
          <p className="text-sm text-muted">
            {counted(members.data.length, "member")}
            {everyone.length > members.data.length &&
              `, ${everyone.length - members.data.length} other raters`}
          </p>
        )}
      </PageHeader>
      {everyone.length === 0 && members.isSuccess ? (
        <Empty icon={<UserPlus />} title="Nobody is in the project yet" action={add}>
          Annotators judge at the desk, reviewers check and adjudicate, managers run the project.
        </Empty>
      ) : (
        <div className="scroll-thin min-h-0 flex-1 overflow-auto border-t">
          <Table label="People">
            <thead>
              <tr>
                <Th className="ps-4 md:ps-6">Who</Th>
                <Th>Role</Th>
                <Th>Languages and domains</Th>
                <Th numeric>
                  <FigureName id="raterWork">Judged</FigureName>
                </Th>
                <Th numeric>Today</Th>
                <Th numeric>
                  <FigureName id="raterTime" />
                </Th>
                <Th numeric>
                  <FigureName id="raterAgreement">Agreement</FigureName>
                </Th>
                <Th numeric>Skipped</Th>
                <Th numeric>Flagged</Th>
                <Th numeric>Sent back</Th>
                <Th>Last judged</Th>
                <Th className="end-0 z-20 pe-4 md:pe-6">
                  <span className="sr-only">Actions</span>
                </Th>
              </tr>
            </thead>
            <tbody>
              {everyone.map((who) => (
                <PersonRow
                  questions={dashboard.data?.questions ?? []}
                  key={who.key}
                  projectId={projectId}
                  who={who}
                  mayManage={mayManage}
                  onRole={(role) =>
                    who.member && setRole.mutate({ projectId, email: who.member.email, role })
                  }
                  onAction={(action) => setChosen({ who, action })}
                />
              ))}
            </tbody>
          </Table>
        </div>
      )}
      {adding && (
        <AddMember
          projectId={projectId}
          isAdmin={isAdmin}
          onClose={() => setAdding(false)}
          onAdded={() => void refresh()}
        />
      )}
      {chosen?.who.rater && chosen.action === "skills" && (
        <SkillsDialog
          projectId={projectId}
          rater={chosen.who.rater}
          onClose={close}
          onSaved={() => void refresh()}
        />
      )}
      {chosen?.who.rater && chosen.action === "reopen" && (
        <ReopenDialog projectId={projectId} raterId={chosen.who.rater.id} onClose={close} />
      )}
      {chosen?.who.rater && chosen.action === "consent" && (
        <ConsentDialog
          projectId={projectId}
          rater={chosen.who.rater}
          onClose={close}
          onChanged={() => void refresh()}
        />
      )}
      {chosen?.who.member && chosen.action === "remove" && (
        <RemoveDialog
          projectId={projectId}
          member={chosen.who.member}
          onClose={close}
          onRemoved={() => void refresh()}
        />
      )}
    </>
  );
}
