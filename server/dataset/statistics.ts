import type { DatasetKind, DatasetManifest, Proportion, Split } from "../../db/shape/dataset";
import type { Report } from "./comparisons";
import type { Material } from "./material";
import type { MadeRow } from "./rows";
import type { LeftOut } from "./schema";
import type { SourcedMaterial } from "./source";

/** Gathers a version's manifest while its rows stream by. */
export class ManifestBuilder implements Report {
  private readonly annotations = new Set<string>();
  private readonly raters = new Set<string>();
  private readonly opposite = { replies: none(), texts: none() };
  private readonly manifest: DatasetManifest;

  constructor(kind: DatasetKind, questions: NonNullable<DatasetManifest["questions"]> = []) {
    this.manifest = {
      kind,
      questions: questions.map(({ id, label }) => ({ id, label })),
      rows: { train: 0, validation: 0, test: 0 },
      annotations: 0,
      raters: 0,
      prompts: 0,
      languages: {},
      domains: {},
      dropped: {},
      positive: none(),
      chosenLonger: none(),
      firstShownWins: none(),
      agreement: none(),
      lengths: { chosen: [], rejected: [] },
      wins: {},
    };
  }

  readonly drop = (reason: LeftOut): void => {
    bump(this.manifest.dropped, reason);
  };

  judged(what: "replies" | "texts", opposite: boolean): void {
    count(this.opposite[what], opposite);
  }

  /**
   * Counts the votes that the recipe admits, also where they gave no row: without the comparisons that were dropped
   * because their raters differ, agreement would look perfect. Nobody agrees with oneself. An adjudicator has seen the others' votes, so that an
   * adjudication agrees with them by no chance.
   */
  addVotes(material: SourcedMaterial): void {
    for (const { first, second, votes: all } of material.comparisons) {
      const votes = all.filter((vote) => !vote.adjudication);
      for (const vote of votes) {
        if (vote.outcome !== "first" && vote.outcome !== "second") continue;
        const shownFirst = material.firstShown.get(vote);
        if (typeof shownFirst === "boolean")
          count(this.manifest.firstShownWins, (vote.outcome === "first") === shownFirst);
        this.countWin(first.source, vote.outcome === "first");
        this.countWin(second.source, vote.outcome === "second");
      }
      votes.forEach((vote, i) => {
        for (const other of votes.slice(i + 1).filter(({ raterId }) => raterId !== vote.raterId))
          count(this.manifest.agreement, vote.outcome === other.outcome);
      });
    }
  }

  /** Counts a prompt that gave rows. */
  addPrompt(material: SourcedMaterial): void {
    this.manifest.prompts++;
    bump(this.manifest.languages, material.language ?? "unknown");
    bump(this.manifest.domains, material.domain ?? "unknown");
  }

  addRow({ row, annotationIds, raterIds }: MadeRow, split: Split): void {
    this.manifest.rows[split]++;
    for (const id of raterIds) this.raters.add(id);
    for (const id of annotationIds) this.annotations.add(id);
    if ("chosen" in row) {
      const [chosen, rejected] = [row.chosen, row.rejected].map(lengthOf);
      count(this.manifest.chosenLonger, chosen > rejected);
      addLength(this.manifest.lengths.chosen, chosen);
      addLength(this.manifest.lengths.rejected, rejected);
    } else if ("completion" in row) {
      const good = !("label" in row) || row.label;
      if ("label" in row) count(this.manifest.positive, good);
      addLength(
        good ? this.manifest.lengths.chosen : this.manifest.lengths.rejected,
        lengthOf(row.completion),
      );
    } else {
      for (const completion of row.completions) addLength(this.manifest.lengths.chosen, lengthOf(completion));
    }
  }

  finish(): DatasetManifest {
    return {
      ...this.manifest,
      annotations: this.annotations.size,
      raters: this.raters.size,
      oppositeReplies: this.opposite.replies,
      oppositeTexts: this.opposite.texts,
    };
  }

  private countWin(source: string | null, won: boolean): void {
    const name = source ?? "unknown";
    this.manifest.wins[name] ??= none();
    count(this.manifest.wins[name], won);
  }
}

const none = (): Proportion => ({ of: 0, count: 0 });

function count(proportion: Proportion, yes: boolean): void {
  proportion.of++;
  if (yes) proportion.count++;
}

function bump(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function lengthOf(messages: Material["messages"]): number {
  return messages.reduce((sum, { content }) => sum + content.length, 0);
}

/** Bin i holds lengths below 2^(i+4). */
function addLength(bins: number[], length: number): void {
  const bin = Math.max(0, Math.floor(Math.log2(Math.max(1, length))) - 3);
  while (bins.length <= bin) bins.push(0);
  bins[bin]++;
}
