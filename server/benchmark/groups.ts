/** Kinds of documents within a benchmark: languages, domains, whatever a field tells apart. */
import { writeJson } from "../../db/shape/written-json";
import { InputError } from "../statistics/estimate";
import type { Document } from "./document";

/** Fields that tell languages or domains apart, as data sets call them. */
const telling = /^(language|lang|locale|domain|subject|category|type|topic|field|answer_type)$/i;
/** More kinds than these are names of documents rather than kinds. */
const most = 60;

/** The value of a document's field as the name of its kind. @throws InputError naming a field that it has not */
export function groupOf(document: Document, field: string): string {
  const value = document[field];
  if (value === undefined)
    throw new InputError(
      `groups: a document has no field ${field}; it has ${Object.keys(document).join(", ")}.`,
    );
  return typeof value === "string" ? value : writeJson(value);
}

/** Fields by which these documents fall into kinds, of which every document has one. */
export function groupFields(documents: readonly Document[]): string[] {
  const [first] = documents;
  return Object.keys(first ?? {}).filter((field) => {
    if (!telling.test(field) || documents.some((document) => typeof document[field] !== "string"))
      return false;
    const kinds = new Set(documents.map((document) => document[field]));
    return kinds.size > 1 && kinds.size <= Math.min(most, documents.length / 2);
  });
}

/** Fields whose values several documents share, but not most of them: a passage, a template, an author. */
export function sharedFields(documents: readonly Document[]): string[] {
  const [first] = documents;
  return Object.keys(first ?? {}).filter((field) => {
    const values = documents.map((document) => document[field]);
    if (values.some((value) => typeof value !== "string" && typeof value !== "number")) return false;
    const kinds = new Set(values).size;
    return kinds < documents.length && kinds > most;
  });
}
