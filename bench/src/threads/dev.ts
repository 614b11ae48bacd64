export { comlink } from "./comlink.js";
export { piscinaRun } from "./piscina.js";
export { postMessage } from "./post-message.js";
export { threadBatches, threadHandle, threadRun } from "./ringline.js";
