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
  label: string;
  icon: LucideIcon;
  roles: readonly ProjectRole[];
}

const everyone: readonly ProjectRole[] = ["manager", "reviewer", "annotator"];
const checkers: readonly ProjectRole[] = ["manager", "reviewer"];

/** Own work first, then the project in the order in which data flows through it. */
export const nouns: readonly (readonly Noun[])[] = [
  [
    { path: "desk", label: "Desk", icon: PenLine, roles: everyone },
    { path: "me", label: "My work", icon: CircleUser, roles: everyone },
  ],
  [
    { path: "", label: "Overview", icon: Gauge, roles: checkers },
    { path: "prompts", label: "Prompts", icon: MessagesSquare, roles: checkers },
    { path: "tasks", label: "Tasks", icon: ListChecks, roles: checkers },
    { path: "preferences", label: "Preferences", icon: Scale, roles: checkers },
    { path: "quality", label: "Quality", icon: ShieldCheck, roles: checkers },
    { path: "conclusions", label: "Conclusions", icon: Trophy, roles: checkers },
    { path: "people", label: "People", icon: Users, roles: checkers },
    { path: "datasets", label: "Datasets", icon: Database, roles: checkers },
    { path: "runs", label: "Runs", icon: Play, roles: checkers },
    { path: "models", label: "Models", icon: Boxes, roles: checkers },
  ],
  [{ path: "settings", label: "Settings", icon: Settings, roles: ["manager"] }],
];
