"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useRef } from "react";
import { useTRPC } from "@/app/trpc/client";
import type { DeskKeys } from "@/db/shape/desk";
import type { DeskHabits } from "@/server/people/schema";
import { useToast } from "../ui/toast";

interface Habits extends DeskHabits {
  setPractised: () => void;
  /** Keeps other keys; absent where nobody is signed in to keep them for. */
  rebind?: (keys: DeskKeys) => void;
}
const HabitsContext = createContext<Habits>({
  keys: {},
  practised: true,
  language: null,
  setPractised: () => {},
});

/** The person's keys, and whether they have practised them. */
export const useDeskHabits = (): Habits => useContext(HabitsContext);

/** Tells every desk inside the habits of the person who is signed in. What is changed here holds in open tabs at once. */
export function DeskHabitsProvider({ habits, children }: { habits: DeskHabits; children: ReactNode }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const { queryKey, ...options } = trpc.person.desk.queryOptions();
  const { data } = useQuery({ queryKey, ...options, initialData: habits });
  const tabs = useRef<BroadcastChannel | null>(null);
  useEffect(() => {
    const channel = new BroadcastChannel("concord-keys");
    channel.onmessage = () => void queries.invalidateQueries(trpc.person.desk.queryFilter());
    tabs.current = channel;
    return () => channel.close();
  }, [queries, trpc]);

  const change = useMutation(
    trpc.person.setDesk.mutationOptions({
      onMutate: async (given) => {
        await queries.cancelQueries(trpc.person.desk.queryFilter());
        const before = queries.getQueryData(queryKey);
        queries.setQueryData(queryKey, (now) => now && { ...now, ...given });
        return before;
      },
      onSuccess: (after) => {
        queries.setQueryData(queryKey, after);
        tabs.current?.postMessage("changed");
      },
      onError: (error, _, before) => {
        queries.setQueryData(queryKey, before);
        toast({ title: error.message, tone: "bad" });
      },
    }),
  );
  const { mutate } = change;
  return (
    <HabitsContext
      value={{
        ...data,
        setPractised: () => mutate({ practised: true }),
        rebind: (keys) => mutate({ keys }),
      }}
    >
      {children}
    </HabitsContext>
  );
}
