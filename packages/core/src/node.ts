/** Flows as streams of Node, in object mode and with their backpressure. */
export { flowDuplex } from "./node-streams/flow-duplex.js";
export { flowReadable } from "./node-streams/flow-readable.js";
export { flowWritable } from "./node-streams/flow-writable.js";
