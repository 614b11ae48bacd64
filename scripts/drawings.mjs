// What the docs show of the code and of the bench: drawn into the pages anew. With --check nothing is written: fails unless
// all is as it would be drawn.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { folderGraph, packageGraph } from "./drawings/dependencies.mjs";
import { chart, ratioOf, table } from "./drawings/results.mjs";
import { root } from "./lib/process.mjs";

if (process.argv.includes("--help")) {
  console.log(`Usage: node scripts/drawings.mjs [--check]

Draws what docs/ shows of the code and of the bench into its pages anew; with --check it only says which pages are out of date.
Exit code 0: current, 1: not current.`);
  process.exit();
}

const isCheck = process.argv.includes("--check");
const inProcess = "bench/results/2026-11-22-comparisons.json";
const threads = "bench/results/2026-11-23-threads.json";
/** @type {string[]} */
const old = [];

const graph = await packageGraph();
const folders = await folderGraph("packages/core/src");
draw("docs/architecture.md", {
  packages: mermaid(graph),
  "folders of core": mermaid(folders.drawing),
  "against the arrows": folders.against,
});
draw("docs/performance.md", {
  "in process": `${picture("in-process", "Speed beside the floor")}\n\n${table(inProcess, ["echo", "chain"])}`,
  "on threads": `${picture("threads", "Speed beside postMessage")}\n\n${table(threads, ["threads-echo", "threads-cpu", "threads-round-trip"])}`,
});
draw("README.md", { figures: figures() });
put("docs/figures/in-process.svg", chart(inProcess, ["echo", "chain"]));
put("docs/figures/threads.svg", chart(threads, ["threads-echo"]));

if (isCheck && old.length > 0) {
  console.error(`Not as the code and the results are now, run node scripts/drawings.mjs:\n${old.join("\n")}`);
  process.exitCode = 1;
}

/** The three figures of the README, each with its date. */
function figures() {
  const [cpu, peer] = [ratioOf(threads, "threads-cpu", "thread-handle"), ratioOf(threads, "threads-cpu", "piscina")];
  const flow = ratioOf(inProcess, "flow", "ringline-flow");
  const echo = ratioOf(inProcess, "echo", "ringline-handle");
  return `- **On threads**, a message there and back takes ${cpu.value} µs of CPU time: ${cpu.ratio} times \`postMessage\`, where Piscina takes ${peer.ratio} times (${cpu.date}).
- **In process**, a flow of four stages handles ${flow.value} million messages a second: ${flow.ratio} times object-mode \`Transform\`s read by \`for await\` (${flow.date}).
- **Slower**: one kernel has ${echo.ratio} times the throughput of a hand-written queue without priorities, telemetry and time-outs (${echo.date}).`;
}

/**
 * Replaces what stands between `<!-- drawn: name -->` and `<!-- end -->`.
 * @param {string} page
 * @param {Record<string, string>} parts
 */
function draw(page, parts) {
  let text = readFileSync(root + page, "utf8");
  for (const [name, part] of Object.entries(parts)) {
    const opening = `<!-- drawn: ${name} -->\n`;
    const from = text.indexOf(opening) + opening.length;
    const to = text.indexOf("<!-- end -->", from);
    if (!text.includes(opening) || to < 0) throw new Error(`${page} has no place for the drawing "${name}"`);
    text = `${text.slice(0, from)}\n${part}\n\n${text.slice(to)}`;
  }
  put(page, text);
}

/**
 * @param {string} file
 * @param {string} text
 */
function put(file, text) {
  if (existsSync(root + file) && readFileSync(root + file, "utf8") === text) return;
  old.push(file);
  if (isCheck) return;
  mkdirSync(dirname(root + file), { recursive: true });
  writeFileSync(root + file, text);
  console.log(`Drew ${file}`);
}

/** @param {string} text */
function mermaid(text) {
  return `\`\`\`mermaid\n${text}\`\`\``;
}

/**
 * @param {string} name
 * @param {string} text
 */
function picture(name, text) {
  return `![${text}](figures/${name}.svg)`;
}
