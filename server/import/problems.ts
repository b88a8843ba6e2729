import { storable } from "../../db/shape/written-json";
import { type Place, type Problem, type ProblemCode, problemCatalogue } from "./schema";

/** What a row or file says about itself before its place is known. */
export interface Finding {
  code: ProblemCode;
  field?: string;
  message: string;
}

export function problem(place: Place, { code, field, message }: Finding): Problem {
  const { severity } = problemCatalogue[code];
  return {
    ...place,
    code,
    ...(field === undefined ? {} : { field: storable(field) }),
    message: storable(message),
    severity,
  };
}

/** Thrown by a conversion: this row cannot be imported. */
export class RowRefused extends Error {
  readonly findings: Finding[];
  constructor(...findings: Finding[]) {
    super(findings.map((finding) => finding.message).join("; "));
    this.name = "RowRefused";
    this.findings = findings;
  }
}

/** Thrown by a reader: nothing after this point of the file can be read. */
export class FileRefused extends Error {
  readonly problem: Problem;
  constructor(place: Place, finding: Finding) {
    super(finding.message);
    this.name = "FileRefused";
    this.problem = problem(place, finding);
  }
}
