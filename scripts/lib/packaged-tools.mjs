// Programs with kernels on threads, as bundlers build them and as runners of TypeScript start them.
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./process.mjs";

/** Beside the packages of Ringline, in a project of their own. */
const TOOLS = ["vite@8", "rollup@4", "webpack@5", "webpack-cli@7", "esbuild@0.27", "tsx@4", "vitest@4", "jest@30"];
const OLD_TSX = "tsx@4.19";
const MAJORS = ["20", "22", "24"];
const PRINTED = "2\n3";

/**
 * @typedef {object} Surroundings
 * @property {string} project an empty folder
 * @property {Record<string, string>} dependencies the packed packages
 * @property {(name: string, step: () => Promise<string | void>) => Promise<void>} check
 * @property {(command: string, args: readonly string[], cwd: string) => Promise<string>} succeed its output; throws it where it fails
 * @property {(command: string, args: readonly string[], cwd: string) => Promise<string>} fail the output of what has to fail
 */

/** @param {Surroundings} surroundings */
export async function toolChecks({ project, dependencies, check, succeed, fail }) {
  /** @type {(tool: string, ...args: string[]) => Promise<string>} */
  const tool = (file, ...args) => succeed(process.execPath, [`node_modules/${file}`, ...args], project);
  /** @type {(name: string, run: () => Promise<string>) => Promise<void>} */
  const prints = (name, run) =>
    check(name, async () => {
      const output = await run();
      if (output.trim() !== PRINTED) throw new Error(`it printed ${JSON.stringify(output)}`);
    });
  /** @type {(name: string, code: string, build: () => Promise<string>, file: string) => Promise<void>} */
  const refuses = (name, code, build, file) =>
    check(`${name}: refused with ${code}`, async () => {
      await build();
      const output = await fail(process.execPath, [file], project);
      if (!output.includes(`RinglineError [${code}]`)) throw new Error(output);
    });

  await check("install bundlers and runners", () => install(project, dependencies, succeed));
  if (!existsSync(join(project, "node_modules/tsx"))) return;

  const node = (/** @type {string} */ file) => succeed(process.execPath, [file], project);
  await prints("Vite, SSR", async () => {
    await tool("vite/bin/vite.js", "build");
    return node("dist/vite/main.js");
  });
  await prints("Rollup", async () => {
    await tool("rollup/dist/bin/rollup", "-c", "--silent");
    return node("dist/rollup/main.js");
  });
  await prints("webpack", async () => {
    await tool("webpack-cli/bin/cli.js");
    return node("dist/webpack/main.mjs");
  });
  /** @type {(out: string, ...args: string[]) => () => Promise<string>} */
  const esbuild = (out, ...args) => {
    const all = ["--bundle", "--platform=node", "--log-level=error", `--outdir=dist/${out}`, ...args];
    return () => succeed("node_modules/.bin/esbuild", all, project);
  };
  const external = "--packages=external";
  await prints("esbuild, splitting", async () => {
    await esbuild("split", "main.js", "kernels.js", "--format=esm", "--splitting", external)();
    return node("dist/split/main.js");
  });
  const one = esbuild("one", "main.js", "--format=esm", external);
  await refuses("esbuild, one file", "RUNTIME_IN_KERNEL_MODULE", one, "dist/one/main.js");
  const whole = esbuild("whole", "main.js", "--format=esm");
  await refuses("esbuild, one file with everything", "BACKEND_UNAVAILABLE", whole, "dist/whole/main.js");
  const commonjs = esbuild("cjs", "later.js", "--format=cjs", "--out-extension:.js=.cjs", external);
  await refuses("esbuild, CommonJS", "MODULE_MISSING", commonjs, "dist/cjs/later.cjs");

  for (const major of MAJORS) {
    const program = await nodeOf(major, project, succeed);
    const runs = (/** @type {string[]} */ ...args) => succeed(program, args, project);
    for (const tsx of ["tsx", "tsx-4.19/node_modules/tsx"]) {
      const where = tsx === "tsx" ? project : join(project, "tsx-4.19");
      const started = (/** @type {string[]} */ ...args) => succeed(program, [...args, "main.ts"], where);
      await prints(`${tsx.slice(0, 8)} on Node ${major}, --import`, () => started("--import", "tsx"));
      await prints(`${tsx.slice(0, 8)} on Node ${major}, its command`, () => started("node_modules/tsx/dist/cli.mjs"));
    }
    if (major === "20") continue; // it reads no TypeScript
    await prints(`types stripped by Node ${major}`, () => runs("main.ts"));
    for (const pool of ["forks", "threads"]) {
      await check(`Vitest on Node ${major}, ${pool}`, async () => {
        await runs("node_modules/vitest/vitest.mjs", "run", "threads.test.ts", `--pool=${pool}`);
      });
    }
  }
  await check("Jest in CommonJS, on Node 20", async () => {
    const program = await nodeOf("20", project, succeed);
    await succeed(program, ["../node_modules/jest/bin/jest.js"], join(project, "commonjs"));
  });
}

/**
 * @param {string} project
 * @param {Record<string, string>} dependencies
 * @param {Surroundings["succeed"]} succeed
 */
async function install(project, dependencies, succeed) {
  const old = join(project, "tsx-4.19");
  for (const [folder, tools] of /** @type {const} */ ([
    [project, TOOLS],
    [old, [OLD_TSX]],
  ])) {
    cpSync(`${root}scripts/packages/tools`, folder, { recursive: true });
    const own = Object.fromEntries(Object.entries(dependencies).filter(([name]) => name.startsWith("@ringline/")));
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ private: true, type: "module", overrides: own, dependencies: own }),
    );
    await succeed("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...tools], folder);
  }
  const { default: ts } = await import("typescript"); // it is there by now
  for (const name of ["kernels", "main"]) {
    const source = readFileSync(join(project, `${name}.ts`), "utf8").replace("./kernels.ts", "./kernels.js");
    const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
    writeFileSync(join(project, `${name}.js`), ts.transpileModule(source, { compilerOptions }).outputText);
  }
  // CommonJS awaits in functions only
  writeFileSync(join(project, "later.js"), later(readFileSync(join(project, "main.js"), "utf8")));
}

/** @param {string} program */
function later(program) {
  const at = program.indexOf("const runtime");
  return `${program.slice(0, at)}(async () => {\n${program.slice(at)}})();\n`;
}

/**
 * The program of another version of Node, from npm.
 * @param {string} major
 * @param {string} project
 * @param {Surroundings["succeed"]} succeed
 */
async function nodeOf(major, project, succeed) {
  if (process.versions.node.split(".")[0] === major) return process.execPath;
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const folder = join(project, `node-${major}`);
  const program = join(folder, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (!existsSync(program)) {
    await succeed("npm", ["install", "--no-audit", "--no-fund", "--prefix", folder, `${name}@${major}`], project);
  }
  return program;
}
