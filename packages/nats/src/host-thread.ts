import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { describeError, Host } from "./host/host.js";
import type { ThreadCall, ThreadEvent, ThreadSetup } from "./host/threaded-host.js";

// entry point of a thread that is a host
const port = parentPort as MessagePort;
const { settings, options } = workerData as ThreadSetup;
const say = (said: ThreadEvent) => port.postMessage(said);

async function main(): Promise<void> {
  try {
    const host = await Host.start(settings, options, (told) => say({ told }));
    port.on("message", async (asked: ThreadCall) => {
      if (asked === "health") return say({ health: host.health });
      await host.leave(asked.grace);
      process.exit(0);
    });
    say({ ready: host.name });
  } catch (error) {
    say({ failed: describeError(error) });
  }
}

void main();
