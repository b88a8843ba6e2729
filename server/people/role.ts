import { z } from "zod";
import { projectRoles } from "../../db/shape/people";

export const projectRoleSchema = z.enum(projectRoles);
