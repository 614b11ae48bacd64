import { createRuntime } from "@ringline/core";
import { type BackendName, backendOf } from "../backends.js";
import { smallData, smallNone } from "../patterns/kernels.js";
import { collectGarbage } from "../process/collect-garbage.js";

/** Memory and time of kernels that have nothing to do. */
export interface IdleReport {
  readonly backend: BackendName;
  readonly kernels: number;
  /** Bytes a kernel: heap, array buffers and other memory that the engine knows of; only of the main thread. */
  readonly bytesPerKernel: number;
  /** Bytes a kernel by which the whole process grew; the first ones pay for threads and devices. */
  readonly residentPerKernel: number;
  /** Milliseconds to start one of them, on average. */
  readonly startTime: number;
}

/** Starts so many kernels and compares the collected memory. */
export async function measureIdle(backend: BackendName, kernels: number, signal: AbortSignal): Promise<IdleReport> {
  const runtime = createRuntime({ backend: await backendOf(backend) });
  const kernel = backend === "webgpu" ? smallData : smallNone;
  try {
    const before = await collectedMemory();
    const started = performance.now();
    let running = 0;
    for (; running < kernels && !signal.aborted; running++) await runtime.start(kernel.as(`idle-${running}`));
    const startTime = (performance.now() - started) / running;
    const after = await collectedMemory();
    return {
      backend,
      kernels: running,
      bytesPerKernel: (after.known - before.known) / running,
      residentPerKernel: (after.resident - before.resident) / running,
      startTime,
    };
  } finally {
    await runtime.dispose();
  }
}

async function collectedMemory(): Promise<{ readonly known: number; readonly resident: number }> {
  for (let round = 0; round < 3; round++) await collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { known: heapUsed + external, resident: rss };
}
