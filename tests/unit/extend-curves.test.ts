import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, it } from "vitest";
import { extendCurves } from "@/app/components/training/extend-curves";

const keys = { curves: ["curves"], clock: ["clock"] };

/** A page of a run that goes on: plots over time, or over steps. */
async function watched({ overTime }: { overTime: boolean }) {
  const client = new QueryClient();
  let reads = 0;
  const clock = new QueryObserver(client, {
    queryKey: keys.clock,
    queryFn: () => (reads += 1),
    enabled: overTime,
    staleTime: 30_000,
  });
  const leave = clock.subscribe(() => {});
  if (overTime) await clock.refetch({ cancelRefetch: false });
  client.setQueryData(keys.curves, [{ name: "loss", points: [[1, 3]] }]);
  const asked: Record<string, number>[] = [];
  await extendCurves(client, keys, async (after) => {
    asked.push(after);
    return [
      { name: "loss", points: [[2, 2.5]] },
      { name: "margin", points: [[2, 0.1]] },
    ];
  });
  leave();
  return { curves: client.getQueryData(keys.curves), asked, reads };
}

it("new points of a run come with the time at which they were measured", async () => {
  expect(await watched({ overTime: true })).toEqual({
    asked: [{ loss: 1 }],
    curves: [
      {
        name: "loss",
        points: [
          [1, 3],
          [2, 2.5],
        ],
      },
      { name: "margin", points: [[2, 0.1]] },
    ],
    reads: 2,
  });
});

it("nobody asks for times that no plot shows", async () => {
  expect(await watched({ overTime: false })).toMatchObject({ asked: [{ loss: 1 }], reads: 0 });
});
