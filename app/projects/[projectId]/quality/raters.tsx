"use client";
import { Ellipsis, TriangleAlert } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { FigureName } from "@/app/components/figure";
import { Badge } from "@/app/components/ui/badge";
import { IconButton } from "@/app/components/ui/button";
import { Select } from "@/app/components/ui/field";
import { Menu, MenuItem } from "@/app/components/ui/menu";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount, duration, percent } from "@/app/components/units";
import type { Quality } from "@/server/quality/schema";
import { interval } from "@/server/statistics/share";
import { wilsonInterval } from "@/server/statistics/wilson";
import { ReopenDialog } from "../preferences/reopen-dialog";
import { RaterSheet } from "./rater-sheet";

/** With fewer votes the interval of a reliability covers less than 90 of 100 (bench:coverage). */
const COVERED = 200;

type Share = Quality["parts"][number]["raters"][number]["others"];
const share = ({ alike, of }: Share) => (of === 0 ? "—" : `${percent(alike, of)} of ${amount(of)}`);
const signed = (value: number) => `${value > 0 ? "+" : ""}${value.toFixed(2)}`;

/** How each rater judges, what somebody should look at, and what can be done about it. */
export function Raters({
  projectId,
  quality: { parts, pace, alarms, raters, rules },
  mayManage,
}: {
  projectId: string;
  quality: Quality;
  mayManage: boolean;
}) {
  const [chosen, setChosen] = useState(0);
  const [open, setOpen] = useState<{ raterId: string; action: "look" | "reopen" } | null>(null);
  const part = parts[chosen] ?? parts[0];
  const known = raters.filter(({ id }) => pace.some(({ raterId }) => raterId === id));
  const alarmsOn = (id: string) => alarms.filter(({ raterId }) => raterId === id);
  // Whoever somebody should look at stands first.
  const rows = known.toSorted((one, other) => alarmsOn(other.id).length - alarmsOn(one.id).length);
  const questionOf = (id: string | null) => parts.find(({ questionId }) => questionId === id)?.label;
  const openRater = raters.find(({ id }) => id === open?.raterId);
  return (
    <Section title="Raters">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        {parts.length > 1 && (
          <Select
            aria-label="Question"
            value={chosen}
            onChange={(event) => setChosen(Number(event.target.value))}
            className="w-auto max-w-72"
          >
            {parts.map(({ questionId, attribute, label }, at) => (
              <option key={`${questionId} ${attribute}`} value={at}>
                {label}
              </option>
            ))}
          </Select>
        )}
        <details className="py-1.5 text-sm text-muted">
          <summary className="cursor-pointer">When an alarm is given, and how often for nothing</summary>
          <dl className="flex max-w-3xl flex-col gap-2 py-2">
            {Object.values(rules).map(({ name, when, falseAlarms }) => (
              <div key={name}>
                <dt className="font-medium text-ink">{name}</dt>
                <dd>{when}</dd>
                <dd>False alarms: {falseAlarms}</dd>
              </div>
            ))}
          </dl>
        </details>
      </div>
      {rows.length === 0 && <p className="text-sm text-muted">Raters’ figures are being measured.</p>}
      <Table label="Raters">
        <thead>
          <tr>
            <Th>Rater</Th>
            <Th>To look at</Th>
            <Th numeric>Votes</Th>
            <Th numeric>
              <FigureName id="reliability" />
            </Th>
            <Th numeric>
              <FigureName id="agreementWithOthers" />
            </Th>
            <Th numeric>
              <FigureName id="agreementWithAdjudications" />
            </Th>
            <Th numeric>
              <FigureName id="positionBias" />
            </Th>
            <Th numeric>
              <FigureName id="firstShownOfRater" />
            </Th>
            <Th numeric>
              <FigureName id="longerOfRater" />
            </Th>
            <Th numeric>
              <FigureName id="answerRun" />
            </Th>
            <Th numeric>
              <FigureName id="raterPace" />
            </Th>
            <Th numeric>
              <FigureName id="fatigue" />
            </Th>
            <Th className="sticky end-0">
              <span className="sr-only">Actions</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, name, email }) => {
            const own = part?.raters.find(({ raterId }) => raterId === id);
            const work = pace.find(({ raterId }) => raterId === id);
            return (
              <Tr key={id}>
                <Td className="whitespace-nowrap">
                  <button
                    type="button"
                    className="touch-target font-medium hover:underline"
                    onClick={() => setOpen({ raterId: id, action: "look" })}
                  >
                    {name}
                  </button>
                </Td>
                <Td className="min-w-52">
                  {alarmsOn(id).map(({ kind, questionId, says }) => (
                    <p key={`${kind} ${questionId}`} className="text-xs">
                      <Badge tone="warn">
                        <TriangleAlert aria-hidden="true" />
                        {rules[kind].name}
                      </Badge>{" "}
                      {says} {parts.length > 1 && questionOf(questionId)}
                    </p>
                  ))}
                </Td>
                <Td numeric>{amount(own?.votes ?? 0)}</Td>
                <Td numeric>
                  {own?.reliability?.estimate == null
                    ? "—"
                    : interval(own.reliability.estimate, own.reliability)}
                  {own?.reliability?.estimate != null && (
                    <span className="block text-xs text-muted">
                      {own.votes < COVERED ? "interval too narrow" : "approximate"}
                    </span>
                  )}
                </Td>
                <Td numeric>{own ? share(own.others) : "—"}</Td>
                <Td numeric>
                  {own && own.adjudicated.of > 0
                    ? `${interval(own.adjudicated.alike / own.adjudicated.of, wilsonInterval(own.adjudicated.alike, own.adjudicated.of))} of ${amount(own.adjudicated.of)}`
                    : "—"}
                </Td>
                <Td numeric>
                  {own?.position?.estimate == null
                    ? "—"
                    : `${signed(own.position.estimate)} [${own.position.low?.toFixed(2)}, ${own.position.high?.toFixed(2)}]`}
                </Td>
                <Td numeric>{own ? share(own.firstShown) : "—"}</Td>
                <Td numeric>{own ? share(own.longer) : "—"}</Td>
                <Td numeric>{own?.run ? `${amount(own.run.length)} × ${own.run.said}` : "—"}</Td>
                <Td numeric>
                  {work && work.timed > 0 ? (
                    <>
                      {duration(3600 * work.hours)}
                      <span className="block text-xs text-muted">
                        {amount(Math.round(work.charactersPerSecond ?? 0))} characters/s,{" "}
                        {amount(work.tooFast)} of {amount(work.timed)} too fast
                      </span>
                    </>
                  ) : (
                    "—"
                  )}
                </Td>
                <Td numeric>
                  {work && work.fresh.of > 0 && work.tired.of > 0
                    ? `${percent(work.fresh.alike, work.fresh.of)} → ${percent(work.tired.alike, work.tired.of)}`
                    : "—"}
                </Td>
                <Td className="sticky end-0 bg-canvas text-end group-hover:bg-hover">
                  <Menu
                    align="end"
                    trigger={
                      <IconButton label={`Actions for ${name}`}>
                        <Ellipsis />
                      </IconButton>
                    }
                  >
                    <MenuItem onSelect={() => setOpen({ raterId: id, action: "look" })}>
                      Notes, and what depends on them…
                    </MenuItem>
                    {email && (
                      <MenuItem asChild>
                        <a href={`mailto:${email}`}>Write to them</a>
                      </MenuItem>
                    )}
                    <MenuItem asChild>
                      <Link href={`/projects/${projectId}/preferences?raterId=${id}`}>
                        Send back or exclude judgements
                      </Link>
                    </MenuItem>
                    {mayManage && (
                      <>
                        <MenuItem asChild>
                          <Link href={`/projects/${projectId}/settings?tab=guidelines`}>
                            Make the guidelines clearer
                          </Link>
                        </MenuItem>
                        <MenuItem onSelect={() => setOpen({ raterId: id, action: "reopen" })}>
                          Reopen their work…
                        </MenuItem>
                      </>
                    )}
                  </Menu>
                </Td>
              </Tr>
            );
          })}
        </tbody>
      </Table>
      {openRater && open?.action === "look" && (
        <RaterSheet projectId={projectId} rater={openRater} parts={parts} onClose={() => setOpen(null)} />
      )}
      {open?.action === "reopen" && (
        <ReopenDialog projectId={projectId} raterId={open.raterId} onClose={() => setOpen(null)} />
      )}
    </Section>
  );
}
