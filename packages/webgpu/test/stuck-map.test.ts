import { test } from "vitest";
import { map, sendStuck } from "./support/stuck-kernels.js";

// a file, and so a process, of its own: the shader goes on, and takes the processor from what comes after
test("a message of a map that outlives the time-out fails alone", () => sendStuck(map, [0, 1, 2, 0, 4, 5, 6]), 120_000);
