// Runs in the page: the suite on each subject, one summary at the end.
import { runSuite } from "@ringline/conformance";
import { inProcess } from "@ringline/in-process";
import { webgpu } from "@ringline/webgpu";

/** @type {import("@ringline/conformance").Subject[]} */
const subjects = [
  { name: "in-process, in a browser", create: () => inProcess() },
  { name: "webgpu, in a browser", create: () => webgpu() },
];

/** @param {string | undefined} only cases with this text in their name */
export async function runAll(only) {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  /** @type {string[]} */
  const failures = [];
  for (const subject of subjects) {
    for await (const result of runSuite(subject, { only })) {
      tally[result.outcome]++;
      if (result.outcome === "failed")
        failures.push(`${subject.name}: ${result.case.name}\n  ${describe(result.error)}`);
    }
  }
  return { ...tally, failures };
}

/** @param {any} error */
const describe = (error) => `${error.code ?? error.name}: ${error.message}`;
