// What `npm run conformance` tests of this program.
import { childProcesses } from "@ringline/child-processes";

/** Ends a process, and waits until it is gone. @param {string} place as `inspect` calls it, such as "process 4711" */
async function lose(place) {
  const pid = Number(place.split(" ")[1]);
  try {
    for (process.kill(pid, "SIGKILL"); ; process.kill(pid, 0)) await new Promise((resolve) => setTimeout(resolve, 1));
  } catch {
    // it is gone
  }
}

/** @type {import("@ringline/conformance").Subject[]} */
export default [{ name: "child-processes", create: () => childProcesses(), lose }];
