import { parseArgs } from "node:util";
import type { Backend } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { webgpu } from "@ringline/webgpu";
import { workerThreads } from "@ringline/worker-threads";
import { programs } from "./programs.js";

const backends: Readonly<Record<string, () => Backend>> = {
  "in-process": () => inProcess(),
  "worker-threads": () => workerThreads({ threads: 2 }),
  webgpu: () => webgpu(),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { backend: { type: "string", default: "in-process" } },
});
const [name = "", from = "", to = ""] = positionals;
const program = programs[name];
const backend = backends[values.backend];
if (program === undefined || backend === undefined) {
  const names = Object.keys(programs).join(" | ");
  console.error(`Usage: node dist/main.js ${names} [from] [to] [--backend ${Object.keys(backends).join(" | ")}]`);
  process.exit(2);
}
await program(backend(), from, to);
