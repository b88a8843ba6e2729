"use client";
import { skipToken, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { OwnKeyboard } from "@/app/components/desk/keys";
import { PageHeader } from "@/app/components/shell/page-header";
import { useAddress } from "@/app/components/table/use-address";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { useTRPC } from "@/app/trpc/client";
import { isComparable } from "@/server/form/right";
import { isAsked } from "@/server/form/schema";
import { knownAnswerAddress } from "./address";
import { PromptChoice } from "./prompt-choice";
import { Stating } from "./stating";

/** A manager states the answer of a task that raters will get as any other: first the prompt, then the answer at a desk. */
export function KnownAnswer({ projectId }: { projectId: string }) {
  const trpc = useTRPC();
  const [{ prompt: promptId, responses: asked, search }, address] = useAddress(knownAnswerAddress);
  const project = useQuery(trpc.project.get.queryOptions({ projectId }));
  const forms = useQuery(trpc.project.forms.queryOptions({ projectId }));
  const detail = useQuery(trpc.content.prompt.queryOptions(promptId ? { projectId, promptId } : skipToken));
  const back = `/projects/${projectId}/settings?tab=gold`;
  const questions = forms.data?.[0]?.questions ?? [];
  const problem = project.error ?? forms.error ?? detail.error;
  if (problem || !project.data || !forms.data || (promptId && !detail.data))
    return <PageHeader title="State a known answer">{problem?.message}</PageHeader>;
  if (!questions.some(isComparable))
    return (
      <>
        <PageHeader title="State a known answer" />
        <Empty
          title="The form asks for nothing that can be compared"
          action={
            <Button asChild>
              <Link href={`/projects/${projectId}/settings?tab=form`}>See the form</Link>
            </Button>
          }
        >
          Texts and edits have no known answer. Comparisons, rankings, ratings and choices have.
        </Empty>
      </>
    );
  if (!promptId || !detail.data)
    return (
      <PromptChoice
        projectId={projectId}
        back={back}
        search={search}
        onSearch={(words) => address.set({ search: words })}
        onChoose={(id) => address.visit({ prompt: id })}
      />
    );
  const { prompt, responses, tasks } = detail.data;
  const wanted = asked?.split(",") ?? tasks[0]?.responseIds ?? responses.slice(0, 2).map(({ id }) => id);
  const chosen = responses.filter(({ id }) => wanted.includes(id));
  const k = chosen.length;
  return (
    <OwnKeyboard>
      <h1 className="sr-only">State a known answer</h1>
      <Stating
        // Other responses are another task.
        key={`${promptId} ${chosen.map(({ id }) => id).join()}`}
        projectId={projectId}
        prompt={prompt}
        responses={responses}
        chosen={chosen}
        // An answer may be known to some questions only.
        questions={questions
          .filter((question) => isComparable(question) && isAsked(question, k, questions))
          .map((question) => ({ ...question, required: false }))}
        guidelines={project.data.guidelines?.markdown ?? null}
        back={back}
        onChoose={(ids) => address.set({ responses: ids.join() })}
        onLeave={() => address.set({ prompt: null, responses: null })}
      />
    </OwnKeyboard>
  );
}
