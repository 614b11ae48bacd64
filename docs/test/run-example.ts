import type { Backend, Description } from "@ringline/core";
import { vi } from "vitest";

/** What a page's code is taken from. */
export interface Example {
  /** Prints what it shows. */
  readonly run: (backend: Backend) => Promise<void>;
  readonly drawings: readonly string[];
}

/** The program and the topologies that a file of examples/ exports. */
export async function loadExample(url: URL): Promise<Example> {
  const exported: Record<string, unknown> = await import(/* @vite-ignore */ url.href);
  const drawings = Object.values(exported)
    .filter(isTopology)
    .map((topology) => topology.describe().mermaid);
  return { run: exported["main"] as Example["run"], drawings };
}

/** The lines that it prints. */
export async function linesOf({ run }: Example, backend: Backend): Promise<string[]> {
  const log = vi.spyOn(console, "log").mockReturnValue();
  try {
    await run(backend);
    return log.mock.calls.map((values) => values.join(" "));
  } finally {
    log.mockRestore();
  }
}

function isTopology(value: unknown): value is { describe(): Description } {
  return typeof (value as { describe?: unknown } | null)?.describe === "function";
}
