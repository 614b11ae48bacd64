// Accepts a hundred messages that take a while, says so, and is told to end.
import { body, createRuntime, defineKernel, defineMessage } from "@ringline/core";
import { gracefulStop, healthOf } from "@ringline/devtools/operations";
import { inProcess } from "@ringline/in-process";

const Job = defineMessage("Job", /** @type {typeof body<{ readonly n: number }>} */ (body)());
let done = 0;
const slow = defineKernel({
  id: "slow",
  input: Job,
  async handle() {
    await new Promise((resolve) => setImmediate(resolve));
    done++;
  },
});
const runtime = createRuntime({ backend: inProcess() });
await runtime.launch(slow);
for (let n = 0; n < 100; n++) await runtime.send(slow, Job({ n }));
const alive = setInterval(() => {}, 1000);
gracefulStop(runtime, {
  before: async () => {
    console.log(`ready: ${healthOf(runtime).isReady}`);
    await runtime.activate(slow);
  },
  after: (ledgers) => {
    console.log(`done: ${done}, ${JSON.stringify(ledgers.get("slow.input"))}`);
    clearInterval(alive);
  },
});
console.log("started");
