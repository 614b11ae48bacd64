import { errors } from "@ringline/core";
import type { CoreServices, Incarnation, UnitSpec } from "@ringline/core/backend";
import {
  type Exit,
  errorFromWire,
  type IncarnationStats,
  NO_LATENCY,
  thrownFromWire,
  type WireError,
} from "@ringline/remote";
import type { Child } from "./child.js";
import type { Said } from "./child-line.js";
import { UnitServer } from "./unit-server.js";

/** Milliseconds that a child which is busy gets to answer. */
const PATIENCE = 1000;

/** Of all lives: a process may answer when it runs the next one already. */
let nextCall = 0;

/** One life of a kernel, in a child process of its own, as the host sees it. */
export class ChildIncarnation implements Incarnation {
  readonly unit: UnitSpec;
  readonly exited: Promise<Exit>;
  readonly #child: Child;
  readonly #line: Child["line"];
  readonly #released: (child: Child) => void;
  readonly #server: UnitServer;
  #exit!: (exit: Exit) => void;
  #isOver = false;
  #isAbandoned = false;
  /** What its process could not catch. */
  #crash: Error | undefined;
  #stats: IncarnationStats = { sent: 0, errors: 0, attempts: 1, processing: NO_LATENCY, waits: [] };
  /** Calls that the child has not answered. */
  readonly #calls = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();

  /** `released`: its kernel has ended, and its process may run another. */
  constructor(unit: UnitSpec, child: Child, lateReply: CoreServices["lateReply"], released: (child: Child) => void) {
    this.unit = unit;
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
    this.#child = child;
    this.#line = child.line;
    this.#released = released;
    this.#server = new UnitServer(unit, child.line, child.book, lateReply);
    child.line.hear = (said) => this.#hear(said);
    void child.line.closed.then((how) => this.#lost(how));
  }

  /** Rejects when the kernel cannot be loaded. */
  async begin(): Promise<void> {
    const { kernel, peers, restored, telemetry, seat, isActive } = this.unit;
    const { id, definedAs, module, supervise, onError, onErrorAt } = kernel;
    try {
      await this.#call("begin", {
        ...{ id, definedAs, module, supervise, peers, restored, telemetry, seat, isActive },
        // a function stays where it is: the child has the one of the kernel's module, or of the topology's
        onError: typeof onError === "function" ? onErrorAt : onError,
      });
    } catch (error) {
      this.#line.kill();
      throw error;
    }
  }

  async setActive(active: boolean): Promise<void> {
    await this.#patiently(this.#call("setActive", { active }));
  }

  async stop(mode: "cooperative" | "abandon"): Promise<void> {
    if (this.#isOver) return;
    const stopped = this.#call("stop", { mode });
    if (mode === "cooperative") return void stopped.catch(() => {});
    this.#isAbandoned = true;
    await this.#patiently(stopped.then(() => this.exited));
    this.#end({ kind: "stopped" }); // where it did not answer
  }

  async flush(): Promise<void> {
    if (!this.#isOver) await this.#call("flush");
  }

  async stats(): Promise<IncarnationStats> {
    if (!this.#isOver) {
      const stats = (await this.#patiently(this.#call("stats"))) as IncarnationStats | undefined;
      if (stats !== undefined && !this.#isOver) this.#stats = stats;
    }
    return this.#stats;
  }

  #hear(said: Said): unknown {
    if (said.k === "result") return this.#settle(said as never);
    if (this.#isOver) throw new errors.TERMINATED({ operation: "send" }, { kernelId: this.unit.kernel.id });
    if (said.k === "exited") return this.#exited(said as never);
    if (said.k === "crashed") return this.#crashed(thrownFromWire((said as unknown as { error: WireError }).error));
    return this.#server.serve(said);
  }

  #exited({ kind, error, stats }: { kind: Exit["kind"]; error?: WireError; stats: IncarnationStats }): void {
    this.#stats = stats;
    const cause = error && errorFromWire(error);
    const isClean = !this.#isAbandoned;
    if (cause === undefined) this.#end({ kind: kind === "stopped" ? kind : "returned" }, isClean);
    else this.#end(kind === "failed" ? { kind, error: cause } : { kind: "stopped", unfinished: cause }, isClean);
  }

  /** Tells why its process is about to end. */
  #crashed(thrown: unknown): void {
    this.#crash = thrown instanceof Error ? thrown : new Error(`its process threw ${String(thrown)}`);
  }

  /** Its process has ended. By itself, unless it is over. */
  #lost(how: string): void {
    const cause = this.#crash ?? new Error(`its process ended: ${how}`);
    this.#failCalls(cause);
    if (this.#isOver) return;
    const kernelId = this.unit.kernel.id;
    const error = new errors.KERNEL_FAILED({ restarts: 0 }, { cause, kernelId });
    this.#stats = { ...this.#stats, errors: this.#stats.errors + 1, waits: [] };
    this.unit.reports.error(error, undefined);
    this.#end({ kind: "failed", error });
  }

  /** What was abandoned may go on doing things: its process ends with it. Any other may run the next kernel. */
  #end(exit: Exit, isClean = false): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#server.close();
    this.#failCalls(new Error("its kernel has ended"));
    if (isClean) this.#released(this.#child);
    else this.#line.kill();
    this.#exit(exit);
  }

  #failCalls(cause: Error): void {
    for (const { reject } of this.#calls.values()) reject(cause);
    this.#calls.clear();
  }

  #call(k: string, fields: object = {}): Promise<unknown> {
    const call = nextCall++;
    return new Promise((resolve, reject) => {
      if (this.#line.isClosed) return reject(new Error("its process has ended"));
      this.#calls.set(call, { resolve, reject });
      this.#line.tell(k, { ...fields, call });
    });
  }

  #settle({ call, value, error }: { call: number; value: unknown; error?: WireError }): void {
    const waiting = this.#calls.get(call);
    this.#calls.delete(call);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(thrownFromWire(error));
  }

  /** What comes in time; undefined otherwise. */
  #patiently(promise: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PATIENCE);
      const end = (value: unknown) => {
        clearTimeout(timer);
        resolve(value);
      };
      promise.then(end, () => end(undefined));
    });
  }
}
