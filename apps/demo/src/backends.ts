import type { Backend } from "@ringline/core";
import { inProcess } from "@ringline/in-process";

/** What `--backend` takes; the first is the default. */
export const backends: Readonly<Record<string, () => Backend>> = {
  "in-process": () => inProcess(),
  "in-process-copy": () => inProcess({ copy: true }),
};

export const backendNames: readonly string[] = Object.keys(backends);
