import type { Backend, Description } from "@ringline/core";
import { vi } from "vitest";

/** The program of a page's code. */
export interface Example {
  /** The function that it exports. Prints what it shows. */
  readonly run: (backend: Backend) => Promise<void>;
  /** Of the topologies that it exports, as Mermaid text. */
  readonly drawings: readonly string[];
}

export async function loadExample(file: URL): Promise<Example> {
  const exported = Object.values(await import(/* @vite-ignore */ file.href));
  const [run, ...more] = exported.filter((value) => typeof value === "function" && !("type" in value));
  if (run === undefined || more.length > 0) throw new Error(`${file} does not export one function`);
  return {
    run: run as Example["run"],
    drawings: exported.filter(isTopology).map((topology) => topology.describe().mermaid),
  };
}

/** The lines that it prints. */
export async function linesOf({ run }: Example, backend: Backend): Promise<string[]> {
  const log = vi.spyOn(console, "log").mockReturnValue();
  const complaints = vi.spyOn(console, "error").mockReturnValue();
  try {
    await run(backend);
    if (complaints.mock.calls.length > 0) throw new Error(`it complains: ${complaints.mock.calls.join("\n")}`);
    return log.mock.calls.flatMap((values) => values.join(" ").split("\n"));
  } finally {
    log.mockRestore();
    complaints.mockRestore();
  }
}

function isTopology(value: unknown): value is { describe(): Description } {
  return typeof (value as { describe?: unknown } | null)?.describe === "function";
}
