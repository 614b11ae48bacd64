import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Header, Topology } from "@ringline/core";
import { UsageError } from "../cli/usage-error.js";

export type AnyTopology = Topology<Header, Header, "main">;

/** A user's pipeline, and messages to try it with. */
export interface Program {
  /** `workers`: for the stages that the user lets vary. */
  build(workers: number): AnyTopology;
  /** Whether it takes a number of workers. */
  readonly takesWorkers: boolean;
  /** Called for each run through: messages that hold buffers can be sent only once. */
  sample(): Iterable<Header> | AsyncIterable<Header>;
}

const HOW = `export a pipeline or graph, or a function ({ workers }) => one, as "default" or "pipeline", and messages as "sample": an array, or a function that makes them`;

/** Loads the exports of a module. Throws `UsageError` if something is missing. */
export async function loadProgram(file: string): Promise<Program> {
  let module: Record<string, unknown>;
  try {
    module = (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`cannot load ${file}: ${(error as Error).message}`);
  }
  const { sample } = module;
  const topology = module["default"] ?? module["pipeline"] ?? Object.values(module).find(isTopology);
  const takesWorkers = typeof topology === "function" && !isTopology(topology);
  if (!takesWorkers && !isTopology(topology)) throw new UsageError(`${file}: no pipeline; ${HOW}`);
  if (typeof sample !== "function" && !isIterable(sample)) throw new UsageError(`${file}: no sample; ${HOW}`);
  const build = topology as (options: { readonly workers: number }) => AnyTopology;
  return {
    build: takesWorkers ? (workers) => build({ workers }) : () => topology as unknown as AnyTopology,
    takesWorkers,
    sample: typeof sample === "function" ? (sample as Program["sample"]) : () => sample as Iterable<Header>,
  };
}

function isTopology(value: unknown): boolean {
  return typeof (value as { describe?: unknown } | null)?.describe === "function";
}

function isIterable(value: unknown): boolean {
  return typeof value === "object" && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
}
