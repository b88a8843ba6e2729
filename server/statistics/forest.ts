/** Points and their 95 % interval, where there are any. */
interface Standing {
  points: number | null;
  pointsLow: number | null;
  pointsHigh: number | null;
}

/** Sources that are compared with one another. */
interface Group {
  standings: readonly (Standing & { source: string })[];
}

const ROW = 28;
const NAMES = 200;
const WIDTH = 720;
const RIGHT = 24;

/** What points are drawn on. */
export interface Scale {
  from: number;
  to: number;
  /** Round values on it. */
  marks: number[];
}

/** The scale of a group's points. */
export function scaleOf({ standings }: { standings: readonly Standing[] }): Scale {
  const values = standings.flatMap(({ points, pointsLow, pointsHigh }) =>
    [points, pointsLow, pointsHigh].flatMap((value) => value ?? []),
  );
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = Math.max(10, (most - least) * 0.05);
  const [from, to] = [least - room, most + room];
  const step = [5, 10, 20, 25, 50, 100, 200, 250, 500, 1000].find((each) => (to - from) / each <= 8) ?? 2000;
  const marks = Array.from(
    { length: Math.floor(to / step) - Math.ceil(from / step) + 1 },
    (_, i) => (Math.ceil(from / step) + i) * step,
  );
  return { from, to, marks };
}

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Points of each source with its interval, as a picture of its own (SVG), black on white. */
export function strengthsSvg(groups: readonly Group[], caption: string): string {
  const parts: string[] = [];
  let y = 8;
  for (const group of groups) {
    const { from, to, marks } = scaleOf(group);
    const x = (value: number) =>
      (NAMES + ((value - from) / (to - from)) * (WIDTH - NAMES - RIGHT)).toFixed(1);
    const bottom = y + group.standings.length * ROW;
    for (const mark of marks)
      parts.push(
        `<line x1="${x(mark)}" y1="${y}" x2="${x(mark)}" y2="${bottom}" stroke="#ddd"/>`,
        `<text x="${x(mark)}" y="${bottom + 14}" text-anchor="middle" font-size="11">${mark}</text>`,
      );
    for (const { source, points, pointsLow, pointsHigh } of group.standings) {
      const middle = y + ROW / 2;
      parts.push(
        `<text x="${NAMES - 12}" y="${middle + 4}" text-anchor="end" font-size="13">${escaped(source)}</text>`,
      );
      if (pointsLow !== null && pointsHigh !== null)
        parts.push(
          `<line x1="${x(pointsLow)}" y1="${middle}" x2="${x(pointsHigh)}" y2="${middle}" stroke="#000" stroke-width="1.5"/>`,
        );
      if (points !== null) parts.push(`<circle cx="${x(points)}" cy="${middle}" r="4"/>`);
      y += ROW;
    }
    y += 32;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" font-family="sans-serif"><title>${escaped(caption)}</title><rect width="100%" height="100%" fill="#fff"/>${parts.join("")}</svg>\n`;
}
