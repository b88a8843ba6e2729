"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import Link from "next/link";
import { Histogram } from "@/app/components/charts/histogram";
import { Figure, FigureName } from "@/app/components/figure";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { Progress } from "@/app/components/ui/progress";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount, counted, duration, percent } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { Dashboard } from "@/server/review/schema";
import { interval, shareWithInterval } from "@/server/statistics/share";

/** How the project is doing, live: progress, pace, raters, agreement, flags, and what to do next. */
export function Overview({
  projectId,
  name,
  mayManage,
  loop,
}: {
  projectId: string;
  name: string;
  mayManage: boolean;
  /** Of a demo project: whether the whole loop can be tried from it, or is what it is for. */
  loop: "offered" | "begun" | null;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const options = trpc.review.dashboard.queryOptions({ projectId });
  const dashboard = useQuery(options);
  useSubscription(
    trpc.project.watch.subscriptionOptions(
      { projectId },
      { onData: () => void client.invalidateQueries({ queryKey: options.queryKey }) },
    ),
  );
  const home = `/projects/${projectId}`;
  if (!dashboard.data) return <PageHeader title={name}>{dashboard.error?.message}</PageHeader>;
  const { tasks, seats, pace, forecast, raters, questions, flags } = dashboard.data;
  if (tasks.total === 0)
    return (
      <>
        <PageHeader title={name} />
        <Empty
          title="Nothing to judge yet"
          action={
            mayManage && (
              <Button asChild variant="primary">
                <Link href={`${home}/import`}>Import prompts and responses</Link>
              </Button>
            )
          }
        >
          Import a file of prompts with their responses, or add them through the API. Tasks for the raters
          follow from them.
        </Empty>
      </>
    );
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader
        title={name}
        actions={
          <>
            {loop && (
              <Button asChild>
                <Link href={`${home}/loop`}>
                  {loop === "begun" ? "The whole loop" : "Try the whole loop"}
                </Link>
              </Button>
            )}
            <NextStep home={home} dashboard={dashboard.data} mayManage={mayManage} />
          </>
        }
      >
        <p className="text-sm text-muted">Updates as judgements arrive.</p>
      </PageHeader>
      <div className="flex flex-col gap-8 px-4 md:px-6">
        <section aria-label="Progress" className="flex flex-col gap-3">
          <Progress value={seats.submitted} of={seats.wanted} label="Judgements" className="h-2" />
          <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-3 xl:grid-cols-6">
            <Figure
              id="judgements"
              value={`${amount(seats.submitted)} of ${amount(seats.wanted)}`}
              note={percent(seats.submitted, seats.wanted)}
            />
            <Figure
              id="tasks"
              value={`${amount(tasks.done)} of ${amount(tasks.total)}`}
              note={`${amount(tasks.started)} begun, ${amount(tasks.waiting)} not begun`}
            />
            <Figure
              id="pace"
              name="Last 24 hours"
              value={amount(pace.lastDay)}
              note={`${amount(pace.lastHour)} in the last hour`}
            />
            <Figure
              id="forecast"
              value={
                forecast.finishAt ? forecast.finishAt.toLocaleDateString("en", { dateStyle: "medium" }) : "—"
              }
              note={forecast.perDay ? `at ${amount(forecast.perDay)} a day` : "no pace yet"}
            />
            <Figure
              id="seats"
              value={`${amount(seats.leased)} held`}
              note={`${amount(seats.returned)} sent back, ${amount(seats.skipped)} skipped`}
            />
            <Figure id="flags" value={amount(flags.count)} note="to look at" />
          </dl>
        </section>

        <Histogram
          title="Judgements a day"
          figure="pace"
          unit="day"
          bins={pace.days.map(({ day }) => day.slice(5))}
          series={[{ name: "judgements", fill: "fill-accent", values: pace.days.map(({ count }) => count) }]}
        />

        {questions.map((question) => (
          <QuestionVotes
            key={question.questionId}
            question={question}
            nameOf={(id) => raters.find((rater) => rater.id === id)?.name ?? ""}
          />
        ))}

        <Section title="Raters">
          <Table label="Raters">
            <thead>
              <tr>
                <Th>Rater</Th>
                <Th numeric>
                  <FigureName id="raterWork">Judged</FigureName>
                </Th>
                <Th numeric>Today</Th>
                <Th numeric>
                  <FigureName id="raterTime" />
                </Th>
                <Th numeric>Skipped</Th>
                <Th numeric>Flagged</Th>
                <Th numeric>Holds</Th>
                <Th>Last</Th>
              </tr>
            </thead>
            <tbody>
              {raters.map((rater) => (
                <Tr key={rater.id}>
                  <Td>
                    <Link
                      href={`${home}/preferences?raterId=${rater.id}`}
                      className="font-medium hover:underline"
                    >
                      {rater.name}
                    </Link>
                  </Td>
                  <Td numeric>{amount(rater.submitted)}</Td>
                  <Td numeric>{amount(rater.today)}</Td>
                  <Td numeric>{rater.medianSeconds === null ? "—" : duration(rater.medianSeconds)}</Td>
                  <Td numeric>{amount(rater.skipped)}</Td>
                  <Td numeric>{amount(rater.flagged)}</Td>
                  <Td numeric>{amount(rater.held)}</Td>
                  <Td className="whitespace-nowrap text-muted">
                    {rater.lastAt && (
                      <time dateTime={rater.lastAt.toISOString()} suppressHydrationWarning>
                        {rater.lastAt.toLocaleString()}
                      </time>
                    )}
                  </Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        </Section>

        {flags.count > 0 && (
          <Section title={`Flags: ${amount(flags.count)}`}>
            <ul className="flex flex-col divide-y rounded-md border">
              {flags.newest.map((flag) => (
                <li
                  key={flag.annotationId}
                  className="flex flex-wrap items-baseline gap-x-3 px-3 py-2 text-sm"
                >
                  <Link
                    href={`${home}/preferences?task=${flag.taskId}`}
                    className="font-medium hover:underline"
                  >
                    {flag.reason}
                  </Link>
                  <span className="text-muted">
                    {flag.rater.name},{" "}
                    <time dateTime={flag.at.toISOString()} suppressHydrationWarning>
                      {flag.at.toLocaleString()}
                    </time>
                  </span>
                </li>
              ))}
            </ul>
          </Section>
        )}
      </div>
    </div>
  );
}

/** The one thing that moves the project on. */
function NextStep({
  home,
  dashboard,
  mayManage,
}: {
  home: string;
  dashboard: Dashboard;
  mayManage: boolean;
}) {
  const { seats, flags } = dashboard;
  const left = seats.wanted - seats.submitted;
  const [label, path] =
    flags.count > 0
      ? [`Look at ${amount(flags.count)} flags`, "preferences?state=flagged"]
      : left > 0
        ? [`Judge: ${amount(left)} left`, "desk"]
        : mayManage
          ? ["Freeze a dataset version", "datasets"]
          : ["Review preferences", "preferences"];
  return (
    <Button asChild variant="primary">
      <Link href={`${home}/${path}`}>{label}</Link>
    </Button>
  );
}

/** What people said to one question. Figures of several questions are never added up. */
function QuestionVotes({
  question: { label, agreement, firstShown, outcomes, raters },
  nameOf,
}: {
  question: Dashboard["questions"][number];
  nameOf: (raterId: string) => string;
}) {
  return (
    <Section title={label}>
      <div className="grid gap-x-8 gap-y-4 xl:grid-cols-2">
        <dl className="grid grid-cols-1 content-start gap-x-6 gap-y-4 sm:grid-cols-2">
          <Figure
            id="agreement"
            value={agreement.estimate === null ? "—" : interval(agreement.estimate, agreement)}
            note={
              agreement.n > 0
                ? `of ${counted(agreement.n, "comparison")} on ${counted(agreement.prompts, "prompt")}`
                : "needs two raters on a task"
            }
            leftOut={[`${counted(agreement.leftOut.single, "pair")} with one vote`]}
          />
          <Figure
            id="firstShown"
            value={shareWithInterval(firstShown.won, firstShown.decided)}
            note="far from 50 % is position bias"
            leftOut={[
              `${amount(firstShown.leftOut.undecided)} ties and both bad`,
              ...(firstShown.leftOut.orderUnknown > 0
                ? [`${amount(firstShown.leftOut.orderUnknown)} of unknown order`]
                : []),
            ]}
          />
          <Figure
            id="outcomes"
            value={`${amount(outcomes.a)} first, ${amount(outcomes.b)} second`}
            note={`${amount(outcomes.tie)} about the same, ${amount(outcomes.both_bad)} both bad`}
          />
        </dl>
        <Table label={`Agreement of each rater: ${label}`}>
          <thead>
            <tr>
              <Th>Rater</Th>
              <Th numeric>Votes</Th>
              <Th numeric>
                <FigureName id="raterAgreement" />
              </Th>
              <Th numeric>Left out: judged alone</Th>
            </tr>
          </thead>
          <tbody>
            {raters.map((rater) => (
              <Tr key={rater.id}>
                <Td>{nameOf(rater.id)}</Td>
                <Td numeric>{amount(rater.votes)}</Td>
                <Td numeric>
                  {rater.agreement === null
                    ? "—"
                    : `${percent(rater.agreement, 1)} of ${amount(rater.comparisons)}`}
                </Td>
                <Td numeric>{amount(rater.leftOut.alone)}</Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      </div>
    </Section>
  );
}
