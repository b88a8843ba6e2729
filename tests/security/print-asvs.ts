import { endWithReader } from "../../workers/entry";
import { ASVS, idsOf, type Row, requirements } from "./asvs";

/** `npm run asvs`: the table as a page of Markdown. */

endWithReader();
const rows = new Map<string, Row>(
  Object.entries(ASVS).flatMap(([key, row]) => idsOf(key).map((id) => [id, row])),
);
const words: Record<Row["held"], string> = {
  test: "by a test",
  design: "by design",
  operator: "by whoever runs it",
  absent: "nothing to hold",
  no: "**not held**",
};
const counts = new Map<Row["held"], number>();
for (const row of rows.values()) counts.set(row.held, (counts.get(row.held) ?? 0) + 1);

console.log("# OWASP ASVS 4.0.3, level 2\n");
for (const [held, count] of counts) console.log(`- ${words[held]}: ${count}`);
console.log("\n| Requirement | Held | By what |\n|---|---|---|");
for (const id of requirements()) {
  const row = rows.get(id);
  if (!row) throw new Error(`${id} has no row.`);
  const what = row.held === "test" ? `\`${row.file}\`${row.name && `: ${row.name} …`}` : row.why;
  console.log(`| ${id} | ${words[row.held]} | ${what} |`);
}
