// What `npm run conformance` tests of this package: each entry makes a fresh backend, or several by name.
import { workerThreads } from "@ringline/worker-threads";

/** The living threads by the names that `inspect` gives them. @type {Map<string, import("node:worker_threads").Worker>} */
const threads = new Map();
process.on("worker", (worker) => {
  const name = `thread ${worker.threadId}`;
  threads.set(name, worker);
  worker.once("exit", () => threads.delete(name));
});

/** @type {import("@ringline/conformance").Subject[]} */
export default [
  {
    name: "worker-threads",
    create: () => workerThreads({ threads: 2 }),
    lose: async (place) => void (await threads.get(place)?.terminate()),
  },
];
