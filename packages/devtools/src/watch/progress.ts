import type { Inspection, KernelTelemetry, Wait } from "@ringline/core";
import { nodeIdOf } from "./node-id.js";

/** Waits of a kernel that has no work. */
const IDLE: ReadonlySet<Wait["for"]> = new Set(["input", "activation", "timer"]);

/** Records since when each node has had work and made no progress. */
export class Progress {
  readonly #marks = new Map<string, { mark: string; since: number }>();

  /** Compares the work of each node with that of the previous refresh. */
  update(at: number, { kernels }: Inspection, telemetry: ReadonlyMap<string, KernelTelemetry>): void {
    const marks = new Map<string, string>();
    const pending = new Set<string>();
    for (const kernel of kernels) {
      const id = nodeIdOf(kernel);
      const figures = telemetry.get(kernel.kernelId);
      if (figures === undefined) continue;
      const { received, processed, sent, deadLettered, requeued } = figures;
      marks.set(id, `${marks.get(id) ?? ""} ${received} ${processed} ${sent} ${deadLettered} ${requeued}`);
      const waits = kernel.waitsOn.some((wait) => !IDLE.has(wait.for));
      if (waits || kernel.queued + kernel.inHand + kernel.parkedSenders > 0) pending.add(id);
    }
    for (const [id, mark] of marks) {
      const before = this.#marks.get(id);
      if (!pending.has(id)) this.#marks.delete(id);
      else if (before?.mark !== mark) this.#marks.set(id, { mark, since: at });
    }
    for (const id of this.#marks.keys()) if (!marks.has(id)) this.#marks.delete(id);
  }

  /** Epoch milliseconds; undefined for a node that has no work. */
  stuckSince(id: string): number | undefined {
    return this.#marks.get(id)?.since;
  }
}
