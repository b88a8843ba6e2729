import {
  Boxes,
  CircleUser,
  Database,
  FlaskConical,
  Gauge,
  Gavel,
  ListChecks,
  type LucideIcon,
  MessagesSquare,
  PenLine,
  Play,
  Scale,
  Settings,
  ShieldCheck,
  Trophy,
  Users,
} from "lucide-react";
import type { Words } from "@/app/i18n/types";
import type { ProjectRole } from "@/db/shape/people";

export interface Noun {
  /** Under `/projects/<id>/`; empty for the overview. */
  path: string;
  /** Goes there after g. */
  letter: string;
  /** Of `shell.nouns` in the messages. */
  name: keyof Words["shell"]["nouns"];
  icon: LucideIcon;
  roles: readonly ProjectRole[];
}

const everyone: readonly ProjectRole[] = ["manager", "reviewer", "annotator"];
const checkers: readonly ProjectRole[] = ["manager", "reviewer"];

/** Own work first, then the project in the order in which data flows through it. */
export const nouns: readonly (readonly Noun[])[] = [
  [
    { path: "desk", letter: "d", name: "desk", icon: PenLine, roles: everyone },
    { path: "me", letter: "w", name: "me", icon: CircleUser, roles: everyone },
  ],
  [
    { path: "", letter: "o", name: "overview", icon: Gauge, roles: checkers },
    { path: "prompts", letter: "p", name: "prompts", icon: MessagesSquare, roles: checkers },
    { path: "tasks", letter: "t", name: "tasks", icon: ListChecks, roles: checkers },
    { path: "preferences", letter: "f", name: "preferences", icon: Scale, roles: checkers },
    { path: "quality", letter: "q", name: "quality", icon: ShieldCheck, roles: checkers },
    { path: "judges", letter: "j", name: "judges", icon: Gavel, roles: checkers },
    { path: "data", letter: "b", name: "data", icon: FlaskConical, roles: checkers },
    { path: "conclusions", letter: "c", name: "conclusions", icon: Trophy, roles: checkers },
    { path: "people", letter: "h", name: "people", icon: Users, roles: checkers },
    { path: "datasets", letter: "s", name: "datasets", icon: Database, roles: checkers },
    { path: "runs", letter: "r", name: "runs", icon: Play, roles: checkers },
    { path: "models", letter: "m", name: "models", icon: Boxes, roles: checkers },
  ],
  [{ path: "settings", letter: ",", name: "settings", icon: Settings, roles: ["manager"] }],
];

/** Where a page of a project is. */
export const hrefOf = (projectId: string, { path }: Pick<Noun, "path">): string =>
  path ? `/projects/${projectId}/${path}` : `/projects/${projectId}`;
