export type { Placement, ThreadLoad, WorkerThreadsOptions } from "./options.js";
export { workerThreads } from "./worker-threads.js";
