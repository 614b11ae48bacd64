export { childProcesses } from "./child-processes.js";
