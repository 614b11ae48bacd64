// Installs the packages as a user would, from what would be published, and runs programs with them.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { toolChecks } from "./lib/packaged-tools.mjs";
import { root, run } from "./lib/process.mjs";
import { setUp } from "./lib/setup.mjs";
import { finish } from "./lib/tally.mjs";

if (process.argv.includes("--help")) {
  console.log(`Usage: node scripts/packages.mjs

Packs each package, installs them all in an empty project with npm and with pnpm, and runs a first program: as an ES module, as
CommonJS, on a thread, from TypeScript under "node16" and "bundler", and bundled by Vite for a browser. Compiles all declarations, and an
app that exports what it makes of them, on three versions of TypeScript. What core and in-process
weigh in a bundle has a limit. Then what npm create ringline writes, and what a release would do; and threads in what Vite, Rollup,
webpack and esbuild build, and under tsx, Vitest, Jest and Node itself. Exit code 0: all passed, 1: something failed.`);
  process.exit();
}

/** Bytes after gzip of what a browser loads at first, for four programs. */
const LIMITS = { "a message": 10_200, "a kernel": 84_900, "a pipeline": 88_500, everything: 98_900 };

/** Bytes of the declarations of the app in `scripts/packages/types`. */
const APP_DECLARATIONS = 7_500;

const published = readdirSync(`${root}packages`).filter((name) => {
  return JSON.parse(readFileSync(`${root}packages/${name}/package.json`, "utf8")).private !== true;
});

await setUp();
const { build } = await import("vite"); // it is there by now
const folder = mkdtempSync(join(tmpdir(), "ringline-packages-"));
const npmProject = join(folder, "npm");
const pnpmProject = join(folder, "pnpm");
/** @type {import("./lib/tally.mjs").Tally} */
const tally = { passed: 0, failed: 0, skipped: 0 };
try {
  await check("pack", async () => void (await packAll()));
  const { dependencies } = JSON.parse(readFileSync(join(npmProject, "package.json"), "utf8"));
  // each is a chain of programs that wait for disk and registry
  await Promise.all([
    installedChecks(),
    toolChecks({ project: join(folder, "tools"), dependencies, check, succeed, fail }),
  ]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
finish([tally]);

/** The packages as npm and pnpm install them: programs, types, sizes, what is made of them, and a release. */
async function installedChecks() {
  await Promise.all([
    check("install with npm", async () => {
      await succeed("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], npmProject);
    }),
    check("install with pnpm", async () => {
      await pnpm("install", "--prefer-offline");
    }),
  ]);
  // what takes longest, at once
  await Promise.all([
    .../** @type {const} */ (["node16", "bundler"]).map((resolution) =>
      check(`types under ${resolution}`, () => compile(resolution)),
    ),
    .../** @type {const} */ ([
      ["5.9", "typescript/lib/tsc.js"],
      ["6", "typescript-6/lib/tsc.js"],
      ["7", "typescript-7/bin/tsc"],
    ]).flatMap(([version, compiler]) =>
      /** @type {const} */ ([["dom"], []]).map((dom) =>
        check(
          `all declarations, and those of an app, on TypeScript ${version} ${dom.length > 0 ? "with" : "without"} DOM`,
          () => declarations(compiler, dom),
        ),
      ),
    ),
    check("npm create ringline: installed, tested, run on two backends", starter),
    check("changeset version, publish --dry-run", release),
  ]);
  for (const project of [npmProject, pnpmProject]) {
    const manager = project === npmProject ? "npm" : "pnpm";
    for (const program of ["first-program.js", "first-program.cjs", "on-a-thread.mjs"]) {
      await check(`${program}, installed with ${manager}`, () => prints("3", program, project));
    }
  }
  await check("a bundle for browsers has nothing of Node", async () => {
    const text = await bundle(`export * from "./in-a-browser.mjs";`);
    if (/["']node:/.test(text)) throw new Error("it imports modules of Node");
  });
  await check("a page on web workers, built by Vite, in a browser", async () => {
    const outDir = join(folder, "web");
    await build({ root: join(npmProject, "web"), configFile: false, logLevel: "error", build: { outDir } });
    const { titleOf } = await import("./lib/browser.mjs");
    const title = await titleOf(outDir);
    if (title !== "3") throw new Error(`its title is ${JSON.stringify(title)}`);
  });
  const message = `import { body, createRuntime, defineKernel, defineMessage, pipeline } from "@ringline/core";
    import { inProcess } from "@ringline/in-process";
    const Value = defineMessage("Value", body());
    console.log(Value({ n: 1 }).messageId);`;
  const kernel = `${message}
    const next = defineKernel({ id: "next", input: Value, output: Value, handle: ({ n }) => Value({ n: n + 1 }) });
    const runtime = createRuntime({ backend: inProcess() });
    const handle = await runtime.start(next);
    console.log(await handle.request(Value({ n: 1 })));`;
  const line = `${kernel}
    const flow = await runtime.run(pipeline("line").stage(next));
    for await (const { n } of flow.process([Value({ n: 1 })])) console.log(n);`;
  await weighs("a message", message);
  await weighs("a kernel", kernel);
  await weighs("a pipeline", line);
  await weighs("everything", `export * from "@ringline/core"; export * from "@ringline/in-process";`);
}

/**
 * @param {string} name
 * @param {() => Promise<string | void>} step what it returns is added to the line
 */
async function check(name, step) {
  const start = performance.now();
  const seconds = () => ((performance.now() - start) / 1000).toFixed(1);
  try {
    const more = await step();
    console.log(`ok   ${name}${more === undefined ? "" : `: ${more}`} (${seconds()} s)`);
    tally.passed++;
  } catch (error) {
    console.log(`FAIL ${name} (${seconds()} s)\n${error instanceof Error ? error.message : error}`);
    tally.failed++;
  }
}

/** @param {string} project */
function copyPrograms(project) {
  mkdirSync(project, { recursive: true });
  cpSync(`${root}scripts/packages`, project, { recursive: true, filter: (from) => !from.endsWith("tools") });
  cpSync(`${root}apps/demo/src/first-program.ts`, join(project, "first-program.ts"));
}

async function packAll() {
  /** @type {Record<string, string>} */
  const dependencies = {};
  for (const name of published) {
    const manifest = JSON.parse(readFileSync(`${root}packages/${name}/package.json`, "utf8"));
    const tarball = join(folder, `${name}.tgz`);
    await succeed(
      process.execPath,
      [`${root}node_modules/pnpm/bin/pnpm.mjs`, "pack", "--out", tarball],
      `${root}packages/${name}`,
    );
    dependencies[manifest.name] = `file:${tarball}`;
  }
  const types = JSON.parse(readFileSync(`${root}package.json`, "utf8")).devDependencies["@types/node"];
  for (const project of [npmProject, pnpmProject]) {
    copyPrograms(project);
    const manifest = { type: "module", private: true, dependencies, devDependencies: { "@types/node": types } };
    // pnpm would look for what the packages need of each other in the registry
    const yaml = `overrides:\n${Object.entries(dependencies)
      .map(([name, from]) => `  "${name}": "${from}"\n`)
      .join("")}`;
    writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
    writeFileSync(join(project, "pnpm-workspace.yaml"), yaml);
  }
}

/** Checks the output of `npm create ringline`, with the packed packages in place of the published ones. */
async function starter() {
  const app = join(folder, "starter");
  const cli = join(npmProject, "node_modules/create-ringline/dist/cli.js");
  await succeed(process.execPath, [cli, app, "--with", "sqlite", "--with", "nats"], folder);
  const { dependencies } = JSON.parse(readFileSync(join(npmProject, "package.json"), "utf8"));
  const manifest = JSON.parse(readFileSync(join(app, "package.json"), "utf8"));
  for (const name of Object.keys(manifest.dependencies)) manifest.dependencies[name] = dependencies[name];
  // also what these depend on
  manifest.overrides = Object.fromEntries(
    Object.entries(dependencies).filter(([name]) => name.startsWith("@ringline/")),
  );
  writeFileSync(join(app, "package.json"), JSON.stringify(manifest));
  await succeed("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], app);
  await succeed("npm", ["test"], app); // builds it
  const wanted = '6 words, the longest is "not"\n4 words, the longest is "question"';
  await prints(wanted, "dist/src/main.js", app);
  await prints(wanted, "dist/src/main.js", app, "--backend", "worker-threads");
  // Node has SQLite since 22.13
  const hasSqlite = isBuiltin("node:sqlite");
  if (hasSqlite) await prints(wanted, "dist/src/kept.js", app);
}

/** Makes a release of a copy of the repository, without publishing. */
async function release() {
  const copy = join(folder, "release");
  for (const file of ["package.json", "pnpm-workspace.yaml", "pnpm-lock.yaml", ".changeset", "LICENSE"]) {
    cpSync(root + file, join(copy, file), { recursive: true });
  }
  const workspaces = ["packages", "apps"].flatMap((of) => readdirSync(root + of).map((name) => `${of}/${name}`));
  for (const workspace of ["bench", "docs", ...workspaces]) {
    cpSync(`${root}${workspace}/package.json`, join(copy, workspace, "package.json"));
  }
  for (const name of readdirSync(`${root}packages`)) {
    cpSync(`${root}packages/${name}/dist`, join(copy, "packages", name, "dist"), { recursive: true });
    const log = `packages/${name}/CHANGELOG.md`;
    if (existsSync(root + log)) cpSync(root + log, join(copy, log));
  }
  await succeed(process.execPath, [`${root}node_modules/@changesets/cli/bin.js`, "version"], copy);
  for (const name of published) {
    const { version } = JSON.parse(readFileSync(join(copy, "packages", name, "package.json"), "utf8"));
    const log = readFileSync(join(copy, "packages", name, "CHANGELOG.md"), "utf8");
    if (version === "0.0.0" || !log.includes(`## ${version}`)) throw new Error(`${name} ${version}: no changelog`);
  }
  const args = ["-r", "publish", "--dry-run", "--no-git-checks", "--ignore-scripts", "--access", "public"];
  await succeed(process.execPath, [`${root}node_modules/pnpm/bin/pnpm.mjs`, ...args], copy);
}

/** @param {...string} args */
function pnpm(...args) {
  return succeed(process.execPath, [`${root}node_modules/pnpm/bin/pnpm.mjs`, ...args], pnpmProject);
}

/** @param {"node16" | "bundler"} moduleResolution */
async function compile(moduleResolution) {
  const module = moduleResolution === "node16" ? "node16" : "esnext";
  const compilerOptions = {
    ...{ module, moduleResolution, target: "es2022", lib: ["es2022", "esnext.disposable", "dom"], types: ["node"] },
    ...{ strict: true, exactOptionalPropertyTypes: true, noEmit: moduleResolution === "bundler" },
    skipLibCheck: moduleResolution === "bundler", // once is enough: they are the same files
  };
  const config = join(npmProject, `tsconfig.${moduleResolution}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions, include: ["first-program.ts"] }));
  await succeed(process.execPath, [`${root}node_modules/typescript/bin/tsc`, "-p", config], npmProject);
  if (moduleResolution === "node16")
    cpSync(join(npmProject, "first-program.js"), join(pnpmProject, "first-program.js"));
}

/**
 * Checks every declaration that is published, in both module formats, and what a compiler declares for an app of theirs.
 * @param {string} compiler
 * @param {readonly string[]} dom the library of browsers, or nothing
 */
async function declarations(compiler, dom) {
  const types = join(npmProject, "types");
  for (const name of ["everything", "everything-of-node"]) {
    const text = readFileSync(join(types, `${name}.mts`), "utf8");
    const required = text.replace(/^export \* as (\w+) from ("[^"]+");$/gm, "import $1 = require($2);\nexport { $1 };");
    writeFileSync(join(types, `${name}.cts`), required);
  }
  const outDir = `out-${compiler.replace(/\W/g, "-")}-${dom.length}`;
  const compilerOptions = {
    ...{ module: "nodenext", target: "es2022", lib: ["es2023", "esnext.disposable", ...dom], types: ["node"] },
    ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, declaration: true, outDir },
  };
  const config = join(types, `${outDir}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions, include: ["*.mts", "*.cts"] }));
  await succeed(process.execPath, [`${root}node_modules/${compiler}`, "-p", config], types);
  const declared = readFileSync(join(types, outDir, "app.d.mts"), "utf8");
  if (/\bany\b/.test(declared)) throw new Error(`the app's declarations have an any:\n${declared}`);
  if (declared.length > APP_DECLARATIONS) throw new Error(`the app's declarations have ${declared.length} bytes`);
  return `${declared.length} of ${APP_DECLARATIONS} bytes for the app`;
}

/**
 * @param {string} wanted
 * @param {string} program
 * @param {string} project
 * @param {...string} args
 */
async function prints(wanted, program, project, ...args) {
  const output = await succeed(process.execPath, [program, ...args], project);
  if (output.trim() !== wanted) throw new Error(`it printed ${JSON.stringify(output)}, wanted ${wanted}`);
}

/**
 * @param {keyof typeof LIMITS} name
 * @param {string} source
 */
function weighs(name, source) {
  return check(`size of ${name}`, async () => {
    const { length } = gzipSync(await bundle(source, "at first"));
    if (length > LIMITS[name]) throw new Error(`${length} bytes after gzip, at most ${LIMITS[name]} are allowed`);
    return `${length} of ${LIMITS[name]} bytes after gzip`;
  });
}

/**
 * Bundles a module of the project that npm installed with Vite, for browsers.
 * @param {string} source
 * @param {"whole" | "at first"} part "at first": without what is loaded only once it is needed
 */
async function bundle(source, part = "whole") {
  const entry = join(npmProject, "entry.mjs");
  writeFileSync(entry, source);
  const result = await build({
    root: npmProject,
    configFile: false,
    logLevel: "error",
    build: { write: false, minify: true, lib: { entry, formats: ["es"] } },
  });
  const [output] = /** @type {import("vite").Rollup.RollupOutput[]} */ ([result].flat());
  const chunks = /** @type {import("vite").Rollup.OutputChunk[]} */ (
    (output?.output ?? []).filter((one) => one.type === "chunk")
  );
  const first = chunks.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName);
  for (const name of first) {
    for (const next of chunks.find(({ fileName }) => fileName === name)?.imports ?? []) {
      if (!first.includes(next)) first.push(next); // which is visited later
    }
  }
  const wanted = part === "whole" ? chunks : chunks.filter(({ fileName }) => first.includes(fileName));
  return wanted.map(({ code }) => code).join("\n");
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 */
async function fail(command, args, cwd) {
  const { code, output } = await run(command, args, { cwd, stdout: "collect", stderr: "collect" });
  if (code === 0) throw new Error(`it did not fail: ${output}`);
  return output;
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 */
async function succeed(command, args, cwd) {
  const { code, output } = await run(command, args, { cwd, stdout: "collect", stderr: "collect" });
  if (code !== 0) throw new Error(output);
  return output;
}
