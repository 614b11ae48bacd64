// Sends jobs through a durable flow with a join, a batch and a state, and writes the outputs that it has read into a file, at the
// end its dead letters as well. Every seventeenth job is a bad one. node program.mjs STATE COUNT OUTPUTS [PAGES]
// PAGES: the most pages of the file, so that it is full; a message of the parent process lifts the limit.
// Exit code 3: the file cannot be used, with the reason on standard output.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRuntime } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { sqlite } from "@ringline/sqlite";
import { Job, summing } from "../kernels.mjs";
import { limitPages } from "./limit-pages.mjs";

const [state = "", count = "", outputs = "", pages] = process.argv.slice(2);
const AHEAD = 50;
const EVERY = 17;

const lift = pages === undefined ? undefined : await limitPages(Number(pages));
process.on("message", () => lift?.());

const runtime = createRuntime({
  backend: inProcess(),
  keep: sqlite(state, { synchronous: "normal" }),
  keepDeadLetters: "summing",
  deadLetterLimit: 1_000_000,
});
runtime.on("error", ({ code, remedy }) => {
  if (code !== "KERNEL_FAILED") process.send?.({ code, remedy });
});
runtime.on("deadLetter", () => {});
const flow = await runtime.run(summing).catch((error) => {
  if (error.code !== "BACKEND_UNAVAILABLE") throw error;
  console.log(error.remedy);
  process.exit(3);
});
const reading = (async () => {
  for await (const { messageId, of, sum, count: counted } of flow) {
    appendFileSync(outputs, `${JSON.stringify([messageId, of, sum, counted])}\n`);
  }
})();

/** Sends a job until it is accepted: its key makes sure that it is accepted once. @param {number} n */
async function send(n) {
  const job = Job({ n, isBad: n % EVERY === EVERY - 1 }, { key: String(n) });
  for (;;) {
    try {
      return await flow.send(job, { timeout: 500 });
    } catch (error) {
      if (!["TIMEOUT", "IN_DOUBT"].includes(/** @type {{ code: string }} */ (error).code)) throw error;
    }
  }
}

// from the last fifty on that an earlier program has sent: those of them that are kept are known by their keys
const progress = `${outputs}.sent`;
for (let n = existsSync(progress) ? Number(readFileSync(progress, "utf8")) : 0; n < Number(count); n += AHEAD) {
  await Promise.all(Array.from({ length: Math.min(AHEAD, Number(count) - n) }, (_, i) => send(n + i)));
  writeFileSync(progress, String(n));
}
await flow.drain();
await runtime.deadLetters.kept();
const letters = runtime.deadLetters.peek().map(({ message, kernelId }) => [kernelId, message.messageId, message]);
writeFileSync(`${outputs}.letters`, JSON.stringify(letters));
await runtime.dispose();
await reading.catch(() => {});
process.disconnect?.();
