import type { DatasetManifest, Proportion } from "../../db/shape/dataset";
import type { DatasetKind, Split } from "../../db/shape/dataset-kinds";
import { rawAgreementOf } from "../statistics/agreement/raw-from-totals";
import { type Clusters, clusteredShare } from "../statistics/clustered-share";
import { PairVotes } from "./agreement";
import type { Report } from "./comparisons";
import type { Material } from "./material";
import type { MadeRow } from "./rows";
import type { LeftOut } from "./schema";
import type { SourcedMaterial } from "./source";

/** Gathers a version's manifest, prompt by prompt. Each of its figures is an entry of the catalogue in `figure/schema`. */
export class ManifestBuilder implements Report {
  private readonly annotations = new Set<string>();
  private readonly raters = new Set<string>();
  private readonly languages: Record<string, number> = {};
  private readonly domains: Record<string, number> = {};
  private readonly dropped: Record<string, number> = {};
  private readonly rows: Record<Split, number> = { train: 0, validation: 0, test: 0 };
  private readonly lengths: DatasetManifest["lengths"] = { chosen: [], rejected: [] };
  private readonly shares = {
    agreement: new Share(rawAgreementOf),
    firstShownWins: new Share(),
    chosenLonger: new Share(),
    positive: new Share(),
    oppositeReplies: new Share(),
    oppositeTexts: new Share(),
  };
  private readonly pairVotes = new PairVotes();
  private readonly wins = new Map<string, Share>();
  private prompts = 0;
  private weights: { sum: number; squares: number } | undefined;

  constructor(
    private readonly kind: DatasetKind,
    private readonly questions: NonNullable<DatasetManifest["questions"]> = [],
    private readonly raterModel?: string,
  ) {}

  readonly drop = (reason: LeftOut): void => {
    bump(this.dropped, reason);
  };

  judged(what: "replies" | "texts", opposite: boolean): void {
    this.shares[what === "replies" ? "oppositeReplies" : "oppositeTexts"].add(opposite);
  }

  /** Counts a prompt: the votes on it, and what was made and reported of it. */
  addPrompt(material: SourcedMaterial, made: readonly MadeRow[], split: Split): void {
    this.addVotes(material);
    for (const row of made) this.addRow(row, split);
    if (made.length > 0) {
      this.prompts++;
      bump(this.languages, material.language ?? "unknown");
      bump(this.domains, material.domain ?? "unknown");
    }
    for (const share of [...Object.values(this.shares), ...this.wins.values()]) share.endPrompt();
    this.pairVotes.endPrompt();
  }

  finish(): DatasetManifest {
    const { shares } = this;
    return {
      kind: this.kind,
      questions: this.questions.map(({ id, label }) => ({ id, label })),
      rows: this.rows,
      annotations: this.annotations.size,
      raters: this.raters.size,
      prompts: this.prompts,
      languages: this.languages,
      domains: this.domains,
      dropped: this.dropped,
      ...(this.raterModel && { raterModel: this.raterModel }),
      ...(this.weights && { effectiveRows: effectiveOf(this.weights) }),
      positive: shares.positive.finish(),
      oppositeReplies: shares.oppositeReplies.finish(),
      oppositeTexts: shares.oppositeTexts.finish(),
      chosenLonger: shares.chosenLonger.finish(),
      firstShownWins: shares.firstShownWins.finish(),
      agreement: shares.agreement.finish(),
      alpha: estimateOf(this.pairVotes),
      lengths: this.lengths,
      wins: Object.fromEntries([...this.wins].map(([source, share]) => [source, share.finish()])),
    };
  }

  /**
   * Counts the votes that the recipe admits, also where they gave no row: without the comparisons that were dropped
   * because their raters differ, agreement would look perfect. Nobody agrees with oneself. An adjudicator has seen the others' votes, so that an
   * adjudication agrees with them by no chance.
   */
  private addVotes(material: SourcedMaterial): void {
    for (const { first, second, votes: all } of material.comparisons) {
      const votes = all.filter((vote) => !vote.adjudication);
      for (const vote of votes) {
        if (vote.outcome !== "first" && vote.outcome !== "second") continue;
        const shownFirst = material.firstShown.get(vote);
        if (typeof shownFirst === "boolean")
          this.shares.firstShownWins.add((vote.outcome === "first") === shownFirst);
        this.addWin(first.source, vote.outcome === "first");
        this.addWin(second.source, vote.outcome === "second");
      }
      this.pairVotes.add(votes, material.firstShown);
      votes.forEach((vote, i) => {
        for (const other of votes.slice(i + 1).filter(({ raterId }) => raterId !== vote.raterId))
          this.shares.agreement.add(vote.outcome === other.outcome);
      });
    }
  }

  private addRow({ row, annotationIds, raterIds }: MadeRow, split: Split): void {
    this.rows[split]++;
    if (row.weight !== undefined) {
      const { sum, squares } = this.weights ?? { sum: 0, squares: 0 };
      this.weights = { sum: sum + row.weight, squares: squares + row.weight ** 2 };
    }
    for (const id of raterIds) this.raters.add(id);
    for (const id of annotationIds) this.annotations.add(id);
    if ("chosen" in row) {
      const [chosen, rejected] = [row.chosen, row.rejected].map(lengthOf);
      this.shares.chosenLonger.add(chosen > rejected);
      addLength(this.lengths.chosen, chosen);
      addLength(this.lengths.rejected, rejected);
    } else if ("completion" in row) {
      const good = !("label" in row) || row.label;
      if ("label" in row) this.shares.positive.add(good);
      addLength(good ? this.lengths.chosen : this.lengths.rejected, lengthOf(row.completion));
    } else {
      for (const completion of row.completions) addLength(this.lengths.chosen, lengthOf(completion));
    }
  }

  private addWin(source: string | null, won: boolean): void {
    const name = source ?? "unknown";
    const share = this.wins.get(name) ?? new Share();
    this.wins.set(name, share);
    share.add(won);
  }
}

/** What a manifest keeps of an estimate. */
function estimateOf(votes: PairVotes): DatasetManifest["alpha"] {
  const { estimate, low, high, n, method, reason } = votes.finish();
  return { estimate, low, high, n, method, ...(reason && { reason }) };
}

/** As how many rows of equal weight weighted ones count, to a tenth: Kish, Survey Sampling (1965), § 8.2. */
function effectiveOf({ sum, squares }: { sum: number; squares: number }): number {
  return squares > 0 ? Math.round((10 * sum * sum) / squares) / 10 : 0;
}

/** A share, with how many prompts have so many of so many: what belongs to one prompt is not independent. */
class Share {
  private readonly prompts = new Map<string, Clusters>();
  private open = { of: 0, count: 0 };

  /** @param intervalOf how its 95 % interval is made from the prompts */
  constructor(
    private readonly intervalOf: (prompts: readonly Clusters[]) => {
      low: number | null;
      high: number | null;
    } = clusteredShare,
  ) {}

  add(yes: boolean): void {
    this.open.of++;
    if (yes) this.open.count++;
  }

  endPrompt(): void {
    const { of, count } = this.open;
    if (of === 0) return;
    const alike = this.prompts.get(`${count} of ${of}`) ?? { of, count, clusters: 0 };
    this.prompts.set(`${count} of ${of}`, alike);
    alike.clusters++;
    this.open = { of: 0, count: 0 };
  }

  finish(): Proportion {
    const all = [...this.prompts.values()];
    const sum = (value: (one: Clusters) => number) => all.reduce((total, one) => total + value(one), 0);
    const of = sum((one) => one.of * one.clusters);
    if (of === 0) return { of, count: 0 };
    const { low, high } = this.intervalOf(all);
    const prompts = sum(({ clusters }) => clusters);
    return { of, count: sum((one) => one.count * one.clusters), interval: { prompts, low, high } };
  }
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
