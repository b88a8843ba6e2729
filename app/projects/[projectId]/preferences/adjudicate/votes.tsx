import { Button } from "@/app/components/ui/button";
import { Kbd } from "@/app/components/ui/kbd";
import { counted } from "@/app/components/units";
import type { ReviewDetail } from "@/server/review/schema";
import { Judgement } from "../judgement";

/** The votes on a task, beside the desk on which it is decided. */
export function Votes({
  detail,
  votes,
  problem,
  adopted,
  onAdopt,
  hint,
}: {
  /** Null while it is on its way. */
  detail: ReviewDetail | null;
  votes: ReviewDetail["annotations"];
  problem: { message: string } | null;
  /** The vote that was taken over last. */
  adopted: string | undefined;
  onAdopt: (annotationId: string) => void;
  /** The key that takes the next vote over. */
  hint: string;
}) {
  return (
    <aside
      aria-label="Votes"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
      tabIndex={0}
      className="scroll-thin flex max-h-[40vh] shrink-0 flex-col gap-2 overflow-y-auto border-t bg-sunken p-3 lg:max-h-none lg:w-80 lg:border-s lg:border-t-0 xl:w-96"
    >
      <h2 className="text-sm font-semibold">{detail ? counted(votes.length, "vote") : "Votes"}</h2>
      {votes.length > 0 && (
        <p className="text-xs text-muted">
          <Kbd>{hint}</Kbd> takes the next one over, all but its reasons; Submit decides.
        </p>
      )}
      {!detail && <p className="text-sm text-muted">{problem?.message ?? "Loading…"}</p>}
      {detail && (
        <ul className="flex flex-col gap-2">
          {votes.map((given) => (
            <Judgement
              key={given.id}
              given={given}
              detail={detail}
              isMarked={given.id === adopted}
              action={
                <Button
                  size="sm"
                  variant="ghost"
                  aria-pressed={given.id === adopted}
                  onClick={() => onAdopt(given.id)}
                >
                  Take over
                </Button>
              }
            />
          ))}
        </ul>
      )}
    </aside>
  );
}
