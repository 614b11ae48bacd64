// Keeps Vitest loaded, and runs files of tests on the copy for one mutant after the other.
import { availableParallelism } from "node:os";
import { createVitest } from "vitest/node";

const [root = "", mode] = process.argv.slice(2);
/** The files come in the order in which they are to run. */
class AsGiven {
  /** @param {any} files */
  sort = async (files) => files;
  /** @param {any} files */
  shard = async (files) => files;
}
const vitest = await createVitest("test", {
  ...{
    root,
    config: `${root}/vitest.mutants.config.ts`,
    watch: false,
    bail: mode === "until one fails" ? 1 : 0,
    reporters: [{}],
    maxWorkers: mode === "all" ? 2 * availableParallelism() : 1,
  },
  sequence: { sequencer: AsGiven },
});
await vitest.standalone();
const specifications = await vitest.globTestSpecifications();
process.on("disconnect", () => process.exit());
process.on("message", async (/** @type {{ mutant: number, files: string[] | undefined }} */ { mutant, files }) => {
  process.env["RINGLINE_MUTANT"] = `${mutant}`;
  const chosen = files?.flatMap((file) => specifications.filter(({ moduleId }) => moduleId === file)) ?? specifications;
  const { testModules } = await vitest.runTestSpecifications(chosen, false);
  process.send?.({
    failed: testModules.filter((one) => one.state() === "failed").map(({ moduleId }) => moduleId),
    passed: testModules
      .filter((one) => one.ok())
      .map((one) => ({ file: one.moduleId, time: one.diagnostic().duration })),
  });
});
process.send?.({ files: specifications.map(({ moduleId }) => moduleId) });
