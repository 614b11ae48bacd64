import { readFileSync } from "node:fs";
import { root } from "../lib/process.mjs";

/** @typedef {{ median: number, interval: { low: number, high: number } }} Figure */
/** @typedef {{ name: string, title: string, value: Figure, ratio: Figure, noise?: string[] }} Subject */
/** @typedef {{ name: string, title: string, unit: string, better: "higher" | "lower", reference: string, subjects: Subject[] }} Workload */
/** @typedef {{ date: string, node: string, machine: { cpu: string, cores: number }, workloads: Workload[] }} Results */

/**
 * @param {string} file
 * @param {string[]} names
 */
function read(file, names) {
  const results = /** @type {Results} */ (JSON.parse(readFileSync(root + file, "utf8")));
  const workloads = names.map((name) => {
    const workload = results.workloads.find((one) => one.name === name);
    if (workload === undefined) throw new Error(`${file} has no workload ${name}`);
    return workload;
  });
  const { date, node, machine } = results;
  return { workloads, origin: `${date.slice(0, 10)}, Node ${node}, ${machine.cores} cores of ${machine.cpu}` };
}

/** As in the bench: an interval that reaches further than this share of the median is noisy. */
const mostReach = 0.25;

/** @param {Subject} subject */
function isNoisy({ ratio: { median, interval }, noise = [] }) {
  return noise.length > 0 || Math.max(interval.high - median, median - interval.low) > mostReach * median;
}

/**
 * A table of what was measured: medians, and the ratio to the reference, taken pair by pair.
 * @param {string} file
 * @param {string[]} names of workloads
 */
export function table(file, names) {
  const { workloads, origin } = read(file, names);
  const subjects = [...new Map(workloads.flatMap((one) => one.subjects.map(({ name, title }) => [name, title])))];
  const rows = subjects.map(([name, title]) => {
    const cells = workloads.flatMap((one) => {
      const subject = one.subjects.find((other) => other.name === name);
      if (subject === undefined) return ["", ""];
      return [short(subject.value.median, one.unit), `${rounded(subject.ratio.median)}${isNoisy(subject) ? " *" : ""}`];
    });
    return [title, ...cells];
  });
  const heading = ["", ...workloads.flatMap((one) => [`${one.name}, ${unitOf(one.unit)}`, `× ${one.reference}`])];
  const lines = [heading, heading.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return `${lines.join("\n")}\n\nFrom [${file.split("/").at(-1)}](../${file}): ${origin}. An asterisk: noisy.`;
}

/**
 * One figure of a text: the median, its ratio to the reference, and the day of the run.
 * @param {string} file
 * @param {string} workload
 * @param {string} subject
 */
export function ratioOf(file, workload, subject) {
  const { workloads, origin } = read(file, [workload]);
  const found = workloads[0]?.subjects.find(({ name }) => name === subject);
  if (found === undefined) throw new Error(`${file} has no ${subject} in ${workload}`);
  return {
    value: short(found.value.median, workloads[0]?.unit ?? ""),
    ratio: rounded(found.ratio.median),
    date: origin.slice(0, 10),
  };
}

// as narrow as a phone can show with text that can be read
const [width, labels, row, gap] = [440, 130, 26, 42];

/**
 * Bars of the ratios to the reference, with their intervals; an SVG that can be read on light and on dark.
 * @param {string} file
 * @param {string[]} names of workloads where more is better
 */
export function chart(file, names) {
  const { workloads } = read(file, names);
  const most = Math.max(1, ...workloads.flatMap((one) => one.subjects.map(({ ratio }) => ratio.interval.high)));
  const x = (/** @type {number} */ ratio) => labels + (ratio / most) * (width - labels - 84);
  /** @type {string[]} */
  const lines = [];
  let y = 8;
  for (const { name, unit, reference, subjects } of workloads) {
    lines.push(text(0, y + 14, `${name}, ${unit}: times ${reference}`, ' font-weight="bold"'));
    y += 30;
    const top = y;
    for (const subject of subjects.filter(({ name }) => name !== reference)) {
      const { median, interval } = subject.ratio;
      const colour = /^(ringline|thread)-/.test(subject.name) ? "#3b82f6" : "#94a3b8";
      const noisy = isNoisy(subject) ? " noisy" : "";
      lines.push(
        text(0, y + 15, subject.name),
        `<rect x="${labels}" y="${y + 3}" width="${at(x(median) - labels)}" height="16" fill="${colour}"/>`,
        `<path d="M${at(x(interval.low))} ${y + 11}H${at(x(interval.high))}" stroke="#777" stroke-width="2"/>`,
        text(at(Math.max(x(interval.high), x(median)) + 8), y + 15, `${rounded(median)}${noisy}`),
      );
      y += row;
    }
    lines.push(`<path d="M${at(x(1))} ${top - 4}V${y}" stroke="#777" stroke-dasharray="4 3"/>`);
    y += gap - row;
  }
  lines.push(text(0, y + 14, "A line: 95 % interval of the median."));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 24}" font-family="sans-serif" font-size="14">`;
  const label = `<title>Times ${workloads[0]?.reference}: ${workloads.map((one) => one.name).join(", ")}</title>`;
  return `${[svg, label, ...lines].join("\n")}\n</svg>\n`;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} content
 * @param {string} [attributes]
 */
function text(x, y, content, attributes = "") {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x}" y="${y}" fill="#777"${attributes}>${escaped}</text>`;
}

/** @param {number} value */
function at(value) {
  return Math.round(value * 10) / 10;
}

/** @param {number} value */
function rounded(value) {
  return value.toFixed(2);
}

/** @param {string} unit */
function unitOf(unit) {
  return unit === "msg/s" ? "M msg/s" : unit;
}

/**
 * @param {number} value
 * @param {string} unit
 */
function short(value, unit) {
  return rounded(unit === "msg/s" ? value / 1e6 : value);
}
