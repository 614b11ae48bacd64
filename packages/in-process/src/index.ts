export { type InProcessOptions, inProcess } from "./in-process.js";
