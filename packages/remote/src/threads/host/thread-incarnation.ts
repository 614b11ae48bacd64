import type { AnyRinglineError } from "@ringline/core";
import type { UnitSpec } from "@ringline/core/backend";
import type { Clock, IncarnationStats } from "@ringline/core/internal";
import type { Endpoint } from "../../endpoint/endpoint.js";
import { RemoteIncarnation } from "../../units/remote-incarnation.js";
import { UnitMemory } from "../unit-memory.js";
import type { SharedPort } from "./shared-port.js";

/** Milliseconds that a busy thread has to answer a call that nothing depends on. */
const PATIENCE = 500;

/** The host's view of an incarnation in a thread. */
export class ThreadIncarnation extends RemoteIncarnation {
  readonly memory = new UnitMemory();
  /** True once the kernel's body has started. */
  hasBegun = false;

  constructor(
    spec: UnitSpec,
    readonly unit: number,
    readonly thread: number,
    endpoint: Endpoint,
    clock: Clock,
    readonly place: string,
    /** Terminates the thread, which does not answer in time. */
    readonly abandon: () => void,
  ) {
    const call = async (k: string, given: object) => {
      const wait = k === "flush" ? {} : { timeout: PATIENCE };
      const answer = await endpoint.calls.call(thread, { ...given, k: `unit.${k}`, unit }, k, wait, clock);
      return answer ?? (k === "stop" ? "stopped" : undefined);
    };
    super(spec, call, PATIENCE);
  }

  protected override async abandoned(stopped: Promise<unknown>): Promise<void> {
    if ((await stopped) === undefined && !this.isOver) this.abandon();
    await this.exited;
  }

  /** Counts and latencies as they are in memory that outlives the thread. */
  override async stats(): Promise<IncarnationStats> {
    const stats = await super.stats();
    return {
      ...stats,
      sent: this.known.sent,
      processing: (this.spec.input as SharedPort).latencies.processing.latency(),
    };
  }

  /** Handles the loss of its thread. Whoever waits for its start reports the error if the body has not begun. */
  override lost(error: AnyRinglineError, isBlameless: boolean): void {
    const [sent = 0, errors = 0] = this.memory.counts;
    this.known = { ...this.known, sent, errors };
    if (this.hasBegun) super.lost(error, isBlameless);
    else this.end({ kind: "failed", error, isBlameless });
  }
}
