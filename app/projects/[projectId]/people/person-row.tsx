import { Ellipsis } from "lucide-react";
import Link from "next/link";
import { Badge } from "@/app/components/ui/badge";
import { IconButton } from "@/app/components/ui/button";
import { Select } from "@/app/components/ui/field";
import { Menu, MenuItem, MenuSeparator } from "@/app/components/ui/menu";
import { Td, Tr } from "@/app/components/ui/table";
import { When } from "@/app/components/ui/when";
import { amount, duration, percent } from "@/app/components/units";
import { type ProjectRole, projectRoles } from "@/db/shape/people";
import type { Dashboard } from "@/server/review/schema";
import type { Participant } from "./participants";

export type PersonAction = "skills" | "reopen" | "consent" | "remove";

const kindNames = {
  person: "no longer a member",
  model: "model",
  imported: "imported rater",
  demo: "demo rater",
} as const;

export function PersonRow({
  projectId,
  who: { name, member, rater, work },
  questions,
  mayManage,
  onRole,
  onAction,
}: {
  projectId: string;
  who: Participant;
  questions: Dashboard["questions"];
  mayManage: boolean;
  onRole: (role: ProjectRole) => void;
  onAction: (action: PersonAction) => void;
}) {
  const agreements = questions.flatMap(({ questionId, label, raters }) => {
    const mine = raters.find(({ id }) => id === rater?.id);
    return mine && mine.agreement !== null
      ? [{ questionId, label, share: mine.agreement, comparisons: mine.comparisons }]
      : [];
  });
  const skills = rater ? [...rater.languages, ...rater.domains] : [];
  return (
    <Tr>
      <Td className="ps-4 whitespace-nowrap md:ps-6">
        {rater && work && work.submitted > 0 ? (
          <Link
            href={`/projects/${projectId}/preferences?raterId=${rater.id}`}
            className="font-medium hover:underline"
          >
            {name}
          </Link>
        ) : (
          <span className="font-medium">{name}</span>
        )}{" "}
        {member?.disabledAt && <Badge tone="bad">disabled</Badge>}{" "}
        {rater?.consentWithdrawnAt && <Badge tone="warn">consent withdrawn</Badge>}
        {member && <p className="text-xs text-muted">{member.email}</p>}
      </Td>
      <Td>
        {member && mayManage ? (
          <Select
            aria-label={`Role of ${name}`}
            value={member.role}
            onChange={(event) => {
              const role = projectRoles.find((one) => one === event.target.value);
              if (role) onRole(role);
            }}
            className="h-7 w-28 text-sm"
          >
            {projectRoles.map((role) => (
              <option key={role}>{role}</option>
            ))}
          </Select>
        ) : (
          <span className="whitespace-nowrap text-muted">
            {member?.role ?? (rater ? kindNames[rater.kind] : "")}
          </span>
        )}
      </Td>
      <Td className="min-w-24 text-muted">{skills.length > 0 ? skills.join(", ") : "any"}</Td>
      <Td numeric>{work ? amount(work.submitted) : "0"}</Td>
      <Td numeric>{work ? amount(work.today) : "0"}</Td>
      <Td numeric>{work?.medianSeconds == null ? "—" : duration(work.medianSeconds)}</Td>
      <Td numeric>
        {agreements.length === 0 && "—"}
        {agreements.map(({ questionId, label, share, comparisons }) => (
          <p key={questionId}>
            {questions.length > 1 && (
              <span className="ms-auto block max-w-40 whitespace-normal text-xs text-muted">{label}</span>
            )}
            {percent(share, 1)} of {amount(comparisons)}
          </p>
        ))}
      </Td>
      <Td numeric>{work ? amount(work.skipped) : "0"}</Td>
      <Td numeric>{work ? amount(work.flagged) : "0"}</Td>
      <Td numeric>{work ? amount(work.returned) : "0"}</Td>
      <Td className="whitespace-nowrap text-muted">{work?.lastAt ? <When at={work.lastAt} /> : "never"}</Td>
      <Td className="sticky end-0 bg-canvas pe-4 text-end group-hover:bg-hover md:pe-6">
        {mayManage && (
          <Menu
            align="end"
            trigger={
              <IconButton label={`Actions for ${name}`}>
                <Ellipsis />
              </IconButton>
            }
          >
            {rater && <MenuItem onSelect={() => onAction("skills")}>Languages and domains…</MenuItem>}
            {rater && work && work.submitted > 0 && (
              <MenuItem onSelect={() => onAction("reopen")}>Reopen their work…</MenuItem>
            )}
            {rater && (
              <MenuItem onSelect={() => onAction("consent")}>
                {rater.consentWithdrawnAt ? "Consent was given again…" : "Consent was withdrawn…"}
              </MenuItem>
            )}
            {member && (
              <>
                <MenuSeparator />
                <MenuItem onSelect={() => onAction("remove")}>Remove from the project…</MenuItem>
              </>
            )}
          </Menu>
        )}
      </Td>
    </Tr>
  );
}
