import { RowRefused } from "../problems";
import { isRecord, type RowValue } from "../source/row";

const mediaColumns = new Set(["image", "images", "video", "videos", "audio", "audios", "pixel_values"]);
const mediaParts = /image|video|audio/;

/** The field of a row that holds a picture, a film or a sound; null for text alone. */
export function mediaIn(row: RowValue): string | null {
  for (const [name, value] of Object.entries(row)) {
    if (mediaColumns.has(name.toLowerCase()) && isSomething(value)) return name;
    if (!Array.isArray(value)) continue;
    for (const [index, turn] of value.entries())
      if (isRecord(turn) && Array.isArray(turn.content) && turn.content.some(isMediaPart))
        return `${name}[${index}].content`;
  }
  return null;
}

function isSomething(value: unknown): boolean {
  return Array.isArray(value)
    ? value.some(isSomething)
    : value !== null && value !== undefined && value !== "";
}

function isMediaPart(part: unknown): boolean {
  return isRecord(part) && typeof part.type === "string" && mediaParts.test(part.type);
}

/** @throws RowRefused: without what it shows, a task would be another one */
export function refuseMedia(row: RowValue): void {
  const field = mediaIn(row);
  if (field !== null) throw new RowRefused({ code: "media", field, message: mediaMessage(field) });
}

export const mediaMessage = (field: string) =>
  `${field} holds a picture, a film or a sound, and so far only text can be judged here.`;
