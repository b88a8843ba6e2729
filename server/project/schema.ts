import { z } from "zod";
import { retentionSchema } from "../../db/shape/project";
import { taskSelections } from "../../db/shape/task";
import { languageSchema } from "../content/schema";
import { formSchema, formVersionSchema, type Question } from "../form/schema";
import { guidelineVersionSchema } from "../guidelines/schema";
import { projectRoleSchema } from "../people/role";

export const overlapSchema = z.number().int().min(1).max(100);

/** What a manager may change about a project at any time. */
const projectSettingsSchema = z.object({
  name: z.string().trim().min(1).max(120),
  description: z.string().trim().max(2000),
  languages: z.array(languageSchema).max(50),
  /** How many different raters judge each task. */
  overlap: overlapSchema,
  /** How long a rater keeps a seat without a sign of life, in seconds. */
  leaseSeconds: z.number().int().min(60).max(604_800),
  skipInstructions: z.string().max(2000),
  flagInstructions: z.string().max(2000),
  selection: z.enum(taskSelections),
  retention: retentionSchema,
});

export const updateProjectSchema = projectSettingsSchema.partial();

/** A new project needs a name only: questions and guidelines have sensible defaults. */
export const createProjectSchema = projectSettingsSchema
  .partial()
  .required({ name: true })
  .extend({ questions: formSchema.optional(), guidelines: z.string().max(200_000).default("") });

const projectSchema = projectSettingsSchema.extend({
  id: z.uuid(),
  isDemo: z.boolean(),
  archivedAt: z.date().nullable(),
  createdAt: z.date(),
  /** What the viewer is in this project. */
  role: projectRoleSchema,
});
export type Project = z.infer<typeof projectSchema>;

/** A project in the list, with its seats: wanted ones and judged ones. */
export const projectSummarySchema = projectSchema.extend({
  seats: z.object({ wanted: z.number().int(), submitted: z.number().int() }),
});

/** A project with the form and the guidelines in force. */
export const projectDetailSchema = projectSchema.extend({
  form: formVersionSchema,
  guidelines: guidelineVersionSchema.nullable(),
});

/** What a new project asks: which is better on seven points, and why. */
export const defaultQuestions: Question[] = [
  {
    id: "preference",
    type: "preference",
    label: "Which response is better?",
    help: "",
    required: true,
    points: 7,
    tie: true,
    bothBad: true,
  },
  {
    id: "ranking",
    type: "ranking",
    label: "Rank the responses from best to worst.",
    help: "Give two responses the same rank when neither is better.",
    required: true,
    ties: true,
  },
  {
    id: "rationale",
    type: "text",
    purpose: "rationale",
    label: "Why?",
    help: "",
    required: false,
    chips: [
      { value: "correct", label: "More correct" },
      { value: "complete", label: "More complete" },
      { value: "clear", label: "Clearer" },
      { value: "safe", label: "Safer" },
      { value: "format", label: "Better format" },
    ],
    minLength: 0,
    maxLength: 20_000,
  },
];
