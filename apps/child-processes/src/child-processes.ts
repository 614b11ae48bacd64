import type { Backend } from "@ringline/core";
import { ChildrenPlace } from "./children-place.js";

/** Runs each kernel in a child process of Node, which is no other kernel's meanwhile. */
export function childProcesses(): Backend {
  return {
    manifest: { name: "child-processes", transport: "copy", capabilities: { processes: true, losable: true } },
    start: async (core) => new ChildrenPlace(core),
  };
}
