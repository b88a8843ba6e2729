import type { SftRow } from "./rows";

/** Rows that are packed together at most: TRL packs its dataset in blocks of this size. */
const blockSize = 1000;

/**
 * Fills sequences of `length` tokens with several rows, as TRL's `pack_dataset`.
 * - bfd: best fit decreasing, rows longer than `length` are cut;
 * - bfd_split: the same, long rows are split into pieces first;
 * - wrapped: one stream of tokens, cut every `length` tokens across rows.
 */
export function packRows(
  rows: readonly SftRow[],
  length: number,
  strategy: "bfd" | "bfd_split" | "wrapped",
): SftRow[] {
  return blocks(rows).flatMap((block) => {
    if (strategy === "wrapped") return wrap(block, length);
    const pieces =
      strategy === "bfd"
        ? block.map((row) => piece(row, 0, length))
        : block.flatMap((row) => split(row, length));
    return bestFitDecreasing(
      pieces.filter((row) => row.input_ids.length > 0),
      length,
    ).map(joinRows);
  });
}

function blocks(rows: readonly SftRow[]): SftRow[][] {
  return Array.from({ length: Math.ceil(rows.length / blockSize) }, (_, i) =>
    rows.slice(i * blockSize, (i + 1) * blockSize),
  );
}

/** A stretch of a row; its first token has no predecessor any more, so it is not predicted. */
function piece({ row, input_ids, labels, weights }: SftRow, from: number, to: number): SftRow {
  return {
    row,
    input_ids: input_ids.slice(from, to),
    labels: labels.slice(from, to).map((label, i) => label && i > 0),
    ...(weights && { weights: weights.slice(from, to) }),
  };
}

function split(row: SftRow, length: number): SftRow[] {
  return Array.from({ length: Math.ceil(row.input_ids.length / length) }, (_, i) =>
    piece(row, i * length, (i + 1) * length),
  );
}

/**
 * Longest first, each into the open bin with the least room that still fits; among
 * equally full bins into the one that became so first.
 */
function bestFitDecreasing(rows: readonly SftRow[], length: number): SftRow[][] {
  const sorted = [...rows].sort((a, b) => b.input_ids.length - a.input_ids.length);
  const bins: SftRow[][] = [];
  const open = new Map<number, SftRow[][]>();
  for (const row of sorted) {
    const need = row.input_ids.length;
    let room = need;
    while (room < length && (open.get(room)?.length ?? 0) === 0) room++;
    const bin = (room < length ? open.get(room)?.shift() : undefined) ?? newBin(bins);
    bin.push(row);
    open.set(room - need, [...(open.get(room - need) ?? []), bin]);
  }
  return bins;
}

function newBin(bins: SftRow[][]): SftRow[] {
  const bin: SftRow[] = [];
  bins.push(bin);
  return bin;
}

function joinRows(rows: SftRow[]): SftRow {
  return {
    row: rows[0]?.row ?? 0,
    input_ids: rows.flatMap(({ input_ids }) => input_ids),
    labels: rows.flatMap(({ labels }) => labels),
    segments: rows.map(({ input_ids }) => input_ids.length),
    ...(rows[0]?.weights && { weights: rows.flatMap(({ weights = [] }) => weights) }),
  };
}

function wrap(rows: readonly SftRow[], length: number): SftRow[] {
  const stream = rows.flatMap(({ row, input_ids, labels, weights }) =>
    input_ids.map((id, i) => ({ row, id, label: labels[i] ?? false, weight: weights?.[i] })),
  );
  return Array.from({ length: Math.ceil(stream.length / length) }, (_, i) => {
    const tokens = stream.slice(i * length, (i + 1) * length);
    return {
      row: tokens[0]?.row ?? 0,
      input_ids: tokens.map(({ id }) => id),
      labels: tokens.map(({ label }, position) => label && position > 0),
      segments: [tokens.length],
      ...(tokens[0]?.weight !== undefined && { weights: tokens.map(({ weight = 1 }) => weight) }),
    };
  });
}
