export type { Placement, ThreadLoad, ThreadOptions } from "@ringline/remote";
export type { WebWorker, WebWorkersOptions } from "./options.js";
export { webWorkers } from "./web-workers.js";
