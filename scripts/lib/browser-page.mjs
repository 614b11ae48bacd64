// Runs in the page: the suite on some subjects, one summary at the end.
import { runSuite } from "@ringline/conformance";
import { inProcess } from "@ringline/in-process";
import { webWorkers } from "@ringline/web-workers";
import { webgpu } from "@ringline/webgpu";

/** The workers of this page in the order of their start, in which the backend numbers them. @type {Worker[]} */
const workers = [];
globalThis.Worker = class extends Worker {
  /** @param {ConstructorParameters<typeof Worker>} given */
  constructor(...given) {
    super(...given);
    workers.push(this);
  }
};

/** @type {Readonly<Record<string, import("@ringline/conformance").Subject>>} */
const subjects = {
  "in-process": { name: "in-process, in a browser", create: () => inProcess() },
  webgpu: { name: "webgpu, in a browser", create: () => webgpu() },
  "web-workers": {
    name: "web-workers, in a browser",
    create: () => webWorkers({ threads: 2 }),
    lose: (place) => workers[Number(place.replace("worker ", "")) - 1]?.terminate(),
  },
};

/**
 * Writes each failure to the console as it comes. A case that ran out of time is repeated once at the end.
 * @param {readonly string[]} names of subjects
 * @param {import("@ringline/conformance").Selection} selection
 */
export async function runAll(names, selection) {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  for (const name of names) {
    const subject = /** @type {import("@ringline/conformance").Subject} */ (subjects[name]);
    const late = [];
    for await (const result of runSuite(subject, selection)) {
      if (result.outcome === "failed" && codeOf(result.error) === "CASE_OVERDUE") late.push(result.case);
      else count(result);
    }
    for await (const result of runSuite(subject, { cases: late })) count(result);
  }
  return tally;

  /** @param {import("@ringline/conformance").CaseResult} result */
  function count(result) {
    tally[result.outcome]++;
    if (result.outcome !== "failed") return;
    const { message } = /** @type {Error} */ (result.error);
    console.log(`FAILED ${result.subject}: ${result.case.name}\n  ${codeOf(result.error)}: ${message}`);
  }
}

/** @param {any} error */
const codeOf = ({ code, name }) => code ?? name;
