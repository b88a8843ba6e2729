import {
  Boxes,
  CircleUser,
  Database,
  Gauge,
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
import type { ProjectRole } from "@/db/shape/people";

export interface Noun {
  /** Under `/projects/<id>/`; empty for the overview. */
  path: string;
  /** Goes there after g. */
  letter: string;
  label: string;
  icon: LucideIcon;
  roles: readonly ProjectRole[];
}

const everyone: readonly ProjectRole[] = ["manager", "reviewer", "annotator"];
const checkers: readonly ProjectRole[] = ["manager", "reviewer"];

/** Own work first, then the project in the order in which data flows through it. */
export const nouns: readonly (readonly Noun[])[] = [
  [
    { path: "desk", letter: "d", label: "Desk", icon: PenLine, roles: everyone },
    { path: "me", letter: "w", label: "My work", icon: CircleUser, roles: everyone },
  ],
  [
    { path: "", letter: "o", label: "Overview", icon: Gauge, roles: checkers },
    { path: "prompts", letter: "p", label: "Prompts", icon: MessagesSquare, roles: checkers },
    { path: "tasks", letter: "t", label: "Tasks", icon: ListChecks, roles: checkers },
    { path: "preferences", letter: "f", label: "Preferences", icon: Scale, roles: checkers },
    { path: "quality", letter: "q", label: "Quality", icon: ShieldCheck, roles: checkers },
    { path: "conclusions", letter: "c", label: "Conclusions", icon: Trophy, roles: checkers },
    { path: "people", letter: "h", label: "People", icon: Users, roles: checkers },
    { path: "datasets", letter: "s", label: "Datasets", icon: Database, roles: checkers },
    { path: "runs", letter: "r", label: "Runs", icon: Play, roles: checkers },
    { path: "models", letter: "m", label: "Models", icon: Boxes, roles: checkers },
  ],
  [{ path: "settings", letter: ",", label: "Settings", icon: Settings, roles: ["manager"] }],
];
