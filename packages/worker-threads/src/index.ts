export type { Placement, ThreadLoad, ThreadOptions } from "@ringline/remote";
export type { WorkerThreadsOptions } from "./options.js";
export { workerThreads } from "./worker-threads.js";
