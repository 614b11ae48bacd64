import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { setPatience } from "../patience.js";
import { processProbe } from "../probe.js";
import { runSuite } from "../run-suite.js";
import type { Subject } from "../subject.js";
import { takeCaseRange } from "./case-environment.js";
import { sendEvent } from "./case-event.js";
import { type CaseReport, failureOf } from "./failure.js";
import { loadSubjects } from "./load-subjects.js";
import { chosenCases, parseOptions, UsageError } from "./options.js";
import { StrayErrors } from "./stray-errors.js";

/** Milliseconds after the last case in which uncaught errors still count. */
const AFTERMATH = 500;

/**
 * Loads the modules and runs their cases, one event after the other to the process that started this one. The command
 * runs in another process, so that code under test may end this one, block it or change its globals.
 */
export async function runCases(args: readonly string[]): Promise<void> {
  const { from, end } = takeCaseRange();
  const interrupt = new AbortController();
  process.on("message", (message) => message === "stop" && interrupt.abort());
  process.on("disconnect", () => process.exit()); // the command is gone
  process.channel?.unref?.(); // does not hide that nothing else is going on
  process.on("exit", () => void sendEvent({ event: "exiting", stack: new Error("process.exit").stack }));
  using stray = new StrayErrors(interrupt.signal);
  await endWithParent();

  const options = parseOptions(args);
  const cases = chosenCases(options);
  if (options.patience !== undefined) setPatience(options.patience);
  const subjects = await load(options.files);
  if (subjects === undefined) return;
  const probe = processProbe();
  const strict = Boolean(process.env["CI"]);
  for (const [i, subject] of subjects.entries()) {
    const first = i * cases.length;
    let at = Math.max(first, from);
    const rest = cases.filter((_, j) => first + j >= from && first + j < end);
    const onCase = () => sendEvent({ event: "begun", at });
    for await (const result of runSuite(subject, { cases: rest, probe, strict, signal: interrupt.signal, onCase })) {
      const { outcome } = result;
      const report: CaseReport =
        outcome === "failed"
          ? { outcome, failure: failureOf(result.error) }
          : outcome === "skipped"
            ? { outcome, reason: result.reason }
            : { outcome };
      await sendEvent({ event: "ended", at: at++, report: await stray.charge(report), time: result.time });
    }
  }
  await quietness(AFTERMATH);
  const late = await stray.charge({ outcome: "passed" });
  if (late.outcome === "failed") await sendEvent({ event: "strayed", report: late });
  await sendEvent({ event: "finished" });
  process.exit();
}

/** Returns undefined, and reports it to the other process, if a module is unusable. */
async function load(modules: readonly string[]): Promise<readonly Subject[] | undefined> {
  let current = "";
  const unsettled = () => {
    void sendEvent({
      event: "refused",
      message: `${current} never finishes loading: a promise that it awaits is never settled.`,
    });
  };
  process.once("beforeExit", unsettled);
  try {
    const subjects = await loadSubjects(modules, (module) => {
      current = module;
      return sendEvent({ event: "loading", module });
    });
    await sendEvent({
      event: "loaded",
      subjects: subjects.map(({ name }) => name),
      checksLeaks: processProbe() !== undefined,
    });
    return subjects;
  } catch (error) {
    const message = error instanceof UsageError ? error.message : failureOf(error).message;
    await sendEvent({ event: "refused", message });
    process.exit();
  } finally {
    process.off("beforeExit", unsettled);
  }
}

/** Resolves once nothing keeps this process alive, at the latest after `limit` milliseconds. */
function quietness(limit: number): Promise<void> {
  return new Promise((resolve) => {
    process.once("beforeExit", () => resolve());
    setTimeout(resolve, limit).unref();
  });
}

/** A thread that ends this process when its parent has ended, even while the main thread is blocked. */
async function endWithParent(): Promise<void> {
  const code = `
    const parent = process.ppid;
    setInterval(() => process.ppid === parent || process.kill(process.pid, "SIGKILL"), 1000);`;
  const thread = new Worker(code, { eval: true });
  await once(thread, "online");
  thread.unref();
}
