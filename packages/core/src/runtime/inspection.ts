import type { Backpressure } from "../kernels/kernel.js";
import type { Wait } from "../seam/incarnation.js";
import type { Latency, Throughput } from "../telemetry/telemetry.js";
import type { KernelState } from "./kernel-state.js";

/** The state of a kernel, and the waits of its body. */
export interface KernelInspection {
  readonly kernelId: string;
  /** Name of its backend. */
  readonly backend: string;
  /** Id of the flow of which it is a stage; null outside flows. */
  readonly flow: string | null;
  /** Name of its stage, which its workers share; null outside flows. */
  readonly stage: string | null;
  readonly state: KernelState;
  /**
   * The thread, process or host on which the kernel runs: "thread 3" by the `threadId` of Node, "process 4711", "host
   * eu-1". Null in the thread of the runtime, and while it does not run.
   */
  readonly place: string | null;
  /** Types of its input messages. */
  readonly accepts: readonly string[];
  /** Types of its output messages. */
  readonly sends: readonly string[];
  /** Ids of the kernels that its output is linked to. */
  readonly links: readonly string[];
  /** Ids of its peers. */
  readonly peers: readonly string[];
  /** Capacity of its input, in messages. */
  readonly queueSize: number;
  readonly backpressure: Backpressure;
  /** Queued messages in its input. */
  readonly queued: number;
  /** Messages in flight. */
  readonly inHand: number;
  /** Senders that wait for room in its input. */
  readonly parkedSenders: number;
  /** Waits of the body; empty for a kernel that is busy. */
  readonly waitsOn: readonly Wait[];
}

/** The state of a flow. */
export interface FlowInspection {
  readonly flow: string;
  /** Inputs in flight. */
  readonly inFlight: number;
  /** Senders that wait to enter the flow. */
  readonly waitingSenders: number;
  /** Throughput of settled inputs; zeros when telemetry is off. */
  readonly throughput: Throughput;
  /** Time from the acceptance of an input until it is settled; zeros when telemetry is off. */
  readonly latency: Latency;
  /** Unread outputs. */
  readonly unread: number;
  /** Messages that joins and batches hold until they are complete, by node; nodes that hold none are left out. */
  readonly holds: readonly { readonly node: string; readonly messages: number }[];
}

/** A snapshot of which kernel waits for which. */
export interface Inspection {
  /** Kernels in the order of their launch; also those that have ended, until their id is launched again. */
  readonly kernels: readonly KernelInspection[];
  /**
   * Cycles of kernels in which each waits for the next and the last for the first: `["a", "b"]`. A deadlock, unless one
   * of the waits has a time-out or one of the kernels has other work. Of cycles that share kernels, one is listed.
   */
  readonly cycles: readonly (readonly string[])[];
  /** Running flows. */
  readonly flows: readonly FlowInspection[];
}

export function inspectionOf(kernels: readonly KernelInspection[], flows: readonly FlowInspection[]): Inspection {
  const waitsOn = new Map(
    kernels.map(({ kernelId, waitsOn }) => [kernelId, waitsOn.flatMap((wait) => wait.kernelId ?? [])]),
  );
  return { kernels, cycles: cyclesIn(waitsOn), flows };
}

/** Finds the shortest cycle through each node; a cycle that shares a node with an earlier one is left out. */
export function cyclesIn(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = [];
  for (const start of edges.keys()) {
    if (circles.some((circle) => circle.includes(start))) continue;
    const circle = shortestWayBack(start, edges);
    if (circle !== undefined && !circles.some((other) => other.some((id) => circle.includes(id)))) circles.push(circle);
  }
  return circles;
}

function shortestWayBack(start: string, edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const ways: string[][] = [[start]];
  const seen = new Set<string>();
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    for (const next of edges.get(way.at(-1) as string) ?? []) {
      if (next === start) return way;
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}
