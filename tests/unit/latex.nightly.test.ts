import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reportLatex } from "@/server/conclusion/files";
import type { Report } from "@/server/conclusion/schema";

const hasLatex = spawnSync("pdflatex", ["--version"], { stdio: "ignore" }).status === 0;

/** What people call their projects, models and raters, and what somebody may call them who means harm. */
const hostile = [
  "Müller & Söhne 100 % #1 $x_1^2$ ~ {a} \\ <b> | \" ' ` ``",
  "[5cm] *starred* \\input{/etc/passwd} \\end{document}",
  "模型一号 モデル 모델 مُقيِّم מעריך Оценщик Θεός",
  "emoji 👩‍⚕️ 🏳️‍🌈, combining a\u0301\u0302, half \ud800, zero\u0000width\u200b\u202e",
  "%%% \\\\ && ^^M ^^5c \\begin{tikzpicture}",
  "",
];

const standing = (
  source: string,
  at: number,
): Report["leaderboard"]["groups"][number]["standings"][number] => ({
  source,
  rank: at + 1,
  rankAtWorst: at + 1,
  theta: -at / 10,
  low: -at / 10 - 0.2,
  high: -at / 10 + 0.2,
  points: 1000 - 20 * at,
  pointsLow: 980 - 20 * at,
  pointsHigh: 1020 - 20 * at,
  won: 1,
  lost: 1,
  tied: 0,
});

const report: Report = {
  title: hostile.join(" "),
  at: new Date("2026-11-30T12:00:00Z"),
  sections: hostile.map((title, n) => ({
    title,
    blocks: [
      { kind: "text", text: hostile.join("\n\n") },
      {
        kind: "table",
        caption: title,
        figure: "goldItem",
        head: hostile,
        rows: hostile.map((_, row) => hostile.map((_, column) => hostile[(row + column) % hostile.length])),
      },
      ...(n === 0 ? [{ kind: "strengths" as const, caption: title, group: 0 }] : []),
    ],
  })),
  methods: hostile.map((name) => ({ name, by: name, reference: name })),
  leaderboard: {
    question: null,
    questions: [],
    languages: [],
    domains: [],
    ...{ votes: 6, prompts: 6, raters: 2 },
    leftOut: { sourceUnknown: 0, sameSource: 0, repeated: 0 },
    groups: [
      {
        method: "",
        tie: null,
        regularised: false,
        cautions: [],
        standings: hostile.map(standing),
        matrix: { sources: [], winRate: [], low: [], high: [], games: [] },
      },
    ],
  },
};

describe.skipIf(!hasLatex)(
  hasLatex ? "compiled" : "compiled (left out: pdflatex is not on this machine)",
  () => {
    test("a report of hostile names by pdfLaTeX, and nothing of the machine in it", () => {
      const folder = mkdtempSync(join(tmpdir(), "concord-latex-"));
      try {
        writeFileSync(join(folder, "report.tex"), reportLatex(report));
        const log = execFileSync(
          "pdflatex",
          ["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "report.tex"],
          { cwd: folder, encoding: "utf8" },
        );
        expect(log).toContain("Output written on report.pdf");
        expect(log).not.toContain("(/etc/passwd");
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  },
);
