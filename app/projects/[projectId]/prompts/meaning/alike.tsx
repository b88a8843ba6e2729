"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { Button } from "@/app/components/ui/button";
import { useToast } from "@/app/components/ui/toast";
import { useTRPC } from "@/app/trpc/client";

/** Goes to the prompts that mean most nearly the same, where a model has read them. */
export function Alike({ projectId, promptId }: { projectId: string; promptId: string }) {
  const trpc = useTRPC();
  const router = useRouter();
  const toast = useToast();
  const standing = useQuery(trpc.meaning.standing.queryOptions({ projectId }));
  const model = standing.data?.models.find(({ prompts }) => prompts > 0);
  const search = useMutation(
    trpc.meaning.search.mutationOptions({
      onSuccess: ({ id }) =>
        router.push(`/projects/${projectId}/prompts/meaning?model=${model?.modelId}&run=${id}`),
      onError: (error) => toast({ title: error.message }),
    }),
  );
  if (!model) return null;
  return (
    <Button
      disabled={search.isPending}
      onClick={() => search.mutate({ projectId, modelId: model.modelId, of: "prompts", like: { promptId } })}
    >
      Prompts like it
    </Button>
  );
}
