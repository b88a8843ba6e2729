import type { inferRouterOutputs } from "@trpc/server";
import type { Rater } from "@/server/rater/schema";
import type { Dashboard } from "@/server/review/schema";
import type { AppRouter } from "@/server/root";

export type Member = inferRouterOutputs<AppRouter>["member"]["list"][number];
export type Work = Dashboard["raters"][number];

/** Somebody of the project: as a member, as a rater, or both. */
export interface Participant {
  key: string;
  name: string;
  member: Member | null;
  rater: Rater | null;
  /** Null until something has been judged. */
  work: Work | null;
}

/** Members first, in their order, then the raters who are no members. */
export function participantsOf(
  members: readonly Member[],
  raters: readonly Rater[],
  work: readonly Work[],
): Participant[] {
  const workOf = (rater: Rater | null) => work.find(({ id }) => id === rater?.id) ?? null;
  const ofMembers = members.map((member) => {
    const rater = raters.find(({ personId }) => personId === member.personId) ?? null;
    return { key: member.personId, name: member.name, member, rater, work: workOf(rater) };
  });
  const others = raters
    .filter((rater) => !members.some(({ personId }) => personId === rater.personId))
    .map((rater) => ({ key: rater.id, name: rater.name, member: null, rater, work: workOf(rater) }));
  return [...ofMembers, ...others];
}
