import { isUtf8 } from "node:buffer";
import type { FileMetaData } from "hyparquet";
import { isDocumentName, pythonFloat, WrittenNumber } from "../../../db/shape/written-json";
import { asBuffer } from "./bytes";
import { isRecord, type RowValue } from "./row";

/**
 * Parquet's values as JSON has them. The reading library multiplies decimals by a fraction, which is off in the last
 * place, refuses whole files for intervals, and gives times of day as bare numbers: so these are read as they are
 * stored, and understood here.
 */

type SchemaElement = FileMetaData["schema"][number];

interface Node {
  element: SchemaElement;
  children: Node[];
}

type Convert = (value: unknown) => unknown;

const ownTypes = new Set<unknown>(["DECIMAL", "INTERVAL", "BSON"]);

/** The schema with which values come as they are stored, where the library's own understanding is of no use. */
export function storedSchema(schema: SchemaElement[]): SchemaElement[] {
  return schema.map((element) =>
    ownTypes.has(element.converted_type) || ownTypes.has(element.logical_type?.type)
      ? { ...element, converted_type: undefined, logical_type: undefined }
      : element,
  );
}

/** Times are kept to the microsecond and beyond, which a Date cannot. */
export const parsers = {
  timestampFromMilliseconds: (ms: bigint) => new Date(Number(ms)),
  timestampFromMicroseconds: (micros: bigint) => moment(micros, 6),
  timestampFromNanoseconds: (nanos: bigint) => moment(nanos, 9),
};

/** @param digits of a second's fraction in a unit: 6 for microseconds, 9 for nanoseconds */
function moment(units: bigint | null | undefined, digits: 6 | 9): unknown {
  if (units === null || units === undefined) return null;
  const perSecond = 10n ** BigInt(digits);
  const fraction = ((units % perSecond) + perSecond) % perSecond;
  const seconds = new Date(Number((units - fraction) / perSecond) * 1000).toISOString().slice(0, 19);
  const shown = String(fraction).padStart(digits, "0");
  return `${seconds}.${/^\d{3}0*$/.test(shown) ? shown.slice(0, 3) : shown}Z`;
}

/** Turns the rows of a file with this schema into rows of JSON values. */
export function fieldsAsJson(schema: SchemaElement[]): (row: Record<string, unknown>) => RowValue {
  const columns = new Map(
    treeOf(schema).children.map((node) => [node.element.name, converterOf(node, false)] as const),
  );
  return (row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, (columns.get(name) ?? asJson)(value)]),
    );
}

function treeOf(schema: SchemaElement[]): Node {
  let at = 0;
  const next = (): Node => {
    const element = schema[at++];
    const children = Array.from({ length: element.num_children ?? 0 }, next);
    return { element, children };
  };
  return next();
}

/** @param within whether it is part of a document, which is printed as it was written instead of computed with */
function converterOf({ element, children }: Node, within: boolean): Convert {
  const kind = element.converted_type ?? element.logical_type?.type;
  const exact = within || isDocumentName(element.name);
  const each =
    (one: Convert): Convert =>
    (value) =>
      Array.isArray(value) ? value.map(one) : asJson(value);
  if (children.length === 0)
    return element.repetition_type === "REPEATED" ? each(leafOf(element, exact)) : leafOf(element, exact);
  const [inner] = children;
  if (kind === "LIST" && inner)
    return each(converterOf(inner.children.length === 1 ? inner.children[0] : single(inner), exact));
  if (kind === "MAP" && inner?.children[1]) {
    const one = converterOf(inner.children[1], exact);
    return (value) => mapped(value, () => one);
  }
  const fields = new Map(children.map((child) => [child.element.name, converterOf(child, exact)]));
  const one: Convert = (value) => mapped(value, (name) => fields.get(name) ?? asJson);
  return element.repetition_type === "REPEATED" ? each(one) : one;
}

/** An element of a list of two levels, of which the list already says that it repeats. */
const single = ({ element, children }: Node): Node => ({
  element: { ...element, repetition_type: "OPTIONAL" },
  children,
});

const mapped = (value: unknown, of: (name: string) => Convert): unknown =>
  isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, of(name)(member)]))
    : asJson(value);

function leafOf(element: SchemaElement, exact: boolean): Convert {
  if (exact && (element.type === "DOUBLE" || element.type === "FLOAT")) return writtenFloat;
  const logical = element.logical_type;
  const kind = element.converted_type ?? logical?.type;
  if (kind === "DECIMAL") {
    const scale = element.scale ?? (logical?.type === "DECIMAL" ? logical.scale : 0);
    return (value) => decimal(value, scale);
  }
  if (kind === "INTERVAL") return interval;
  if (kind === "TIME_MILLIS") return (value) => timeOfDay(value, 3);
  if (kind === "TIME_MICROS") return (value) => timeOfDay(value, 6);
  if (logical?.type === "TIME") {
    const digits = { MILLIS: 3, MICROS: 6, NANOS: 9 }[logical.unit];
    return (value) => timeOfDay(value, digits);
  }
  return asJson;
}

/** A float of a document as Python prints it: 1.0 where JavaScript has 1. */
function writtenFloat(value: unknown): unknown {
  if (typeof value !== "number" || !Number.isFinite(value)) return asJson(value);
  const text = pythonFloat(value);
  return text === String(value) ? value : new WrittenNumber(text);
}

/** integer / 10^scale; text where a JavaScript number would not say the same. */
function decimal(value: unknown, scale: number): unknown {
  const integer = ArrayBuffer.isView(value)
    ? signed(bytesOf(value))
    : typeof value === "number" || typeof value === "bigint"
      ? BigInt(value)
      : null;
  if (integer === null) return null;
  const digits = String(integer < 0n ? -integer : integer).padStart(scale + 1, "0");
  const fraction = scale > 0 ? digits.slice(-scale).replace(/0+$/, "") : "";
  const whole = scale > 0 ? digits.slice(0, -scale) : digits;
  const text = `${integer < 0n ? "-" : ""}${whole}${fraction ? `.${fraction}` : ""}`;
  return String(Number(text)) === text ? Number(text) : text;
}

function signed(bytes: Buffer): bigint {
  return bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString("hex")}`));
}

/** @param digits of a second's fraction in a unit */
function timeOfDay(value: unknown, digits: number): unknown {
  if (typeof value !== "number" && typeof value !== "bigint") return null;
  const text = String(value).padStart(digits + 1, "0");
  const seconds = Number(text.slice(0, -digits));
  const fraction = text.slice(-digits).replace(/0+$/, "");
  const parts = [seconds / 3600, (seconds / 60) % 60, seconds % 60];
  const clock = parts.map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
  return fraction ? `${clock}.${fraction}` : clock;
}

/** Months, days and milliseconds, as ISO 8601 writes a length of time. */
function interval(value: unknown): unknown {
  if (!ArrayBuffer.isView(value) || value.byteLength !== 12) return asJson(value);
  const bytes = bytesOf(value);
  const [months, days, milliseconds] = [0, 4, 8].map((at) => bytes.readUInt32LE(at));
  return `P${months}M${days}DT${milliseconds / 1000}S`;
}

const bytesOf = (view: ArrayBufferView): Buffer =>
  asBuffer(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));

/** 64-bit integers as numbers where exact, times as ISO text, bytes as the text they spell or in hexadecimal. */
function asJson(value: unknown): unknown {
  if (typeof value === "bigint")
    return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (typeof value === "number" && !Number.isFinite(value)) return Number.isNaN(value) ? null : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (Array.isArray(value)) return value.map(asJson);
  if (ArrayBuffer.isView(value)) {
    const bytes = bytesOf(value);
    return isUtf8(bytes) && !bytes.includes(0) ? bytes.toString() : bytes.toString("hex");
  }
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asJson(member)]));
  return value;
}
