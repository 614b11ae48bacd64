import { test } from "vitest";
import { sendStuck, stateful } from "./support/stuck-kernels.js";

// a file, and so a process, of its own: the shader goes on, and takes the processor from what comes after
test(
  "a message of a map with state that outlives the time-out fails alone",
  () => sendStuck(stateful, [0, 1, 3, 0, 7, 12, 18]),
  120_000,
);
