import { performance } from "node:perf_hooks";
import { runThread, type ThreadSetup } from "@ringline/remote";
import { nodePlatform } from "../node-platform.js";

/** Main function of a thread: one task of the pool that lasts as long as the runtime. */
export default function main(setup: ThreadSetup): Promise<void> {
  return new Promise((halt) => {
    runThread(setup, { ...nodePlatform, measureLoad, onUncaught, halt });
  });
}

function measureLoad(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}

// the host receives the exception from its worker, but not its kind
function onUncaught(report: (origin: string) => void): void {
  process.on("uncaughtExceptionMonitor", (_, origin) => report(origin));
}
