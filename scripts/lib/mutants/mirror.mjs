import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { root, runInstalled } from "../process.mjs";
import { instrument } from "./instrument.mjs";

/** @typedef {import("./instrument.mjs").Mutant} Mutant */

/** The packages that get faults. */
export const mutated = ["packages/core", "packages/remote", "packages/worker-threads"];
/** The packages that are built in the copy, each after those that it imports. */
const built = [
  "packages/core",
  "packages/remote",
  "packages/in-process",
  "packages/worker-threads",
  "packages/conformance",
];
const copied = ["packages", "docs", "*.ts", "*.json", "README.md"];

/** The projects of the packages, each with a file that notes what the tests reach. */
const VITEST = `import { defineConfig } from "vitest/config";

const setupFiles = [${JSON.stringify(fileURLToPath(new URL("units-setup.mjs", import.meta.url)))}];
export default defineConfig({
  test: {
    projects: ${JSON.stringify(mutated)}.map((name) => ({
      extends: \`./\${name}/vitest.config.ts\`,
      root: \`./\${name}\`,
      // one process for all files of a mutant, unless each is to tell what it reaches
      test: { name, setupFiles, isolate: process.env["RINGLINE_HITS"] !== undefined },
    })),
  },
});
`;

/** A copy of the repository that has all mutants in it, in a temporary folder. */
export class Mirror {
  folder = mkdtempSync(join(tmpdir(), "ringline-mutants-"));
  /** @type {Mutant[]} */
  mutants = [];
  /** @type {Map<string, string>} */
  #hashes = new Map();

  constructor() {
    process.on("exit", () => rmSync(this.folder, { recursive: true, force: true }));
    const args = ["ls-files", "--cached", "--others", "--exclude-standard", ...copied];
    const files = execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 26 }).split("\n");
    for (const file of files.filter((name) => name !== "" && existsSync(root + name))) this.#copy(file);
    symlinkSync(`${root}node_modules`, join(this.folder, "node_modules"));
    for (const folder of new Set(files.flatMap((file) => /^packages\/[^/]+/.exec(file) ?? []))) {
      const modules = `${folder}/node_modules`;
      if (existsSync(root + modules))
        cpSync(root + modules, join(this.folder, modules), { recursive: true, verbatimSymlinks: true });
    }
    writeFileSync(join(this.folder, "vitest.mutants.config.ts"), VITEST);
  }

  /** A name for the content of these folders together with all that has faults: what was measured of them stays true for it. */
  hashOf(/** @type {readonly string[]} */ ...folders) {
    const own = [...this.#hashes].filter(([file]) =>
      [...mutated.map((name) => `${name}/src`), ...folders].some((folder) => file.startsWith(`${folder}/`)),
    );
    return createHash("sha256").update(JSON.stringify(own)).digest("hex").slice(0, 16);
  }

  /** @param {string} file */
  #copy(file) {
    const target = join(this.folder, file);
    mkdirSync(dirname(target), { recursive: true });
    this.#hashes.set(
      file,
      createHash("sha256")
        .update(readFileSync(root + file))
        .digest("hex"),
    );
    const [, name] = /^(packages\/[^/]+)\/src\/.*\.ts$/.exec(file) ?? [];
    if (name === undefined || !mutated.includes(name) || lstatSync(root + file).isSymbolicLink()) {
      cpSync(root + file, target, { verbatimSymlinks: true });
      return;
    }
    const source = readFileSync(root + file, "utf8");
    const { code, mutants } = instrument({ package: name, file, source, firstId: this.mutants.length });
    this.mutants.push(...mutants);
    writeFileSync(target, code);
  }

  /** Builds what runs in threads, and the suite. */
  async build() {
    for (const name of built) {
      const args = ["--no-dts", "--no-sourcemap", "--format", "esm"];
      const cwd = join(this.folder, name);
      const { code, output } = await runInstalled("tsup/dist/cli-default.js", args, {
        cwd,
        stdout: "collect",
        stderr: "collect",
      });
      if (code !== 0) throw new Error(`The copy of ${name} with its mutants cannot be built:\n${output}`);
    }
  }
}
