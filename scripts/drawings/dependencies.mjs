import { readdirSync } from "node:fs";
import { root, runInstalled } from "../lib/process.mjs";

/** @typedef {{ from: string, to: string, imports: number }} Edge */

/**
 * Returns the imports among the files of these folders, by dependency-cruiser.
 * @param {string[]} folders
 * @returns {Promise<{ source: string, dependencies: { resolved: string }[] }[]>}
 */
async function filesOf(...folders) {
  const cruiser = "dependency-cruiser/bin/dependency-cruise.mjs";
  const { code, output } = await runInstalled(cruiser, [...folders, "--output-type", "json"], { stdout: "collect" });
  if (code !== 0) throw new Error(`dependency-cruiser failed:\n${output}`);
  return JSON.parse(output).modules;
}

/**
 * The imports between groups of files, counted.
 * @param {{ source: string, dependencies: { resolved: string }[] }[]} files
 * @param {(file: string) => string | undefined} groupOf none: left out
 * @returns {Edge[]} in an order that depends on the names only
 */
function edgesOf(files, groupOf) {
  /** @type {Map<string, Edge>} */
  const edges = new Map();
  for (const { source, dependencies } of files) {
    for (const { resolved } of dependencies) {
      const [from, to] = [groupOf(source), groupOf(resolved)];
      if (from === undefined || to === undefined || from === to) continue;
      const edge = edges.get(`${from} ${to}`) ?? { from, to, imports: 0 };
      edges.set(`${from} ${to}`, { ...edge, imports: edge.imports + 1 });
    }
  }
  return [...edges.values()].sort((a, b) => (`${a.from} ${a.to}` < `${b.from} ${b.to}` ? -1 : 1));
}

/** The packages, and the programs of `apps`: which sources import which. */
export async function packageGraph() {
  const folders = ["packages", "apps"].flatMap((parent) =>
    readdirSync(root + parent).map((name) => `${parent}/${name}`),
  );
  const files = await filesOf("packages", "apps");
  return flowchart(
    "LR",
    edgesOf(files, (file) => folders.find((folder) => file.startsWith(`${folder}/src/`))),
  );
}

/**
 * The folders of a package. What can be reached by other arrows is not drawn again. Where two folders import each other, or
 * several in a circle, the fewest imports are left out of the drawing and listed.
 * @param {string} sources
 */
export async function folderGraph(sources) {
  const files = await filesOf(sources);
  const folderOf = (/** @type {string} */ file) =>
    file.startsWith(`${sources}/`) && file.slice(sources.length + 1).includes("/")
      ? file.slice(sources.length + 1).split("/")[0]
      : undefined;
  /** @type {Edge[]} */
  const down = [];
  /** @type {Edge[]} */
  const against = [];
  for (const edge of edgesOf(files, folderOf).sort((a, b) => b.imports - a.imports)) {
    (reaches(down, edge.to, edge.from) ? against : down).push(edge);
  }
  const drawn = down.filter(
    (edge) =>
      !reaches(
        down.filter((other) => other !== edge),
        edge.from,
        edge.to,
      ),
  );
  return {
    drawing: flowchart("TD", drawn),
    against: against.map(({ from, to }) => `- \`${from}\` imports \`${to}\``).join("\n"),
  };
}

/**
 * @param {Edge[]} edges
 * @param {string} from
 * @param {string} to
 * @returns {boolean}
 */
function reaches(edges, from, to) {
  return edges.some((edge) => edge.from === from && (edge.to === to || reaches(edges, edge.to, to)));
}

/**
 * @param {string} direction
 * @param {Edge[]} edges
 */
function flowchart(direction, edges) {
  const names = [...new Set(edges.flatMap(({ from, to }) => [from, to]))].sort();
  const lines = [
    ...names.map((name) => `${idOf(name)}["${name}"]`),
    ...edges.map(({ from, to }) => `${idOf(from)} --> ${idOf(to)}`),
  ];
  return `flowchart ${direction}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

/** @param {string} name */
function idOf(name) {
  return name.replaceAll(/[^a-z]/g, "_");
}
