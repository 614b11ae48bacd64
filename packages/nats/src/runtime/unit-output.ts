import { errors, type WaitOptions } from "@ringline/core";
import type { Outlet, UnitSpec } from "@ringline/core/backend";
import { type AnyMessage, asRinglineError, hasBuffers, releaseReferences } from "@ringline/core/internal";
import { type UnreadableMessage, unreadable } from "@ringline/remote";
import type { MirroredPort } from "./mirrored-port.js";

/** Most outputs that a host sends without asking. */
const MOST_CREDIT = 1024;

/**
 * The outputs of a kernel at a host, as they come. A host sends without asking while there is room that nobody else can take. Where
 * outputs go elsewhere meanwhile, and must wait, all that is told behind one waits with it: what the runtime knows of a kernel
 * is what it did up to there.
 */
export class UnitOutput {
  readonly #spec: UnitSpec;
  readonly #send: (upTo: number) => void;
  /** Outputs that came unasked. */
  #received = 0;
  /** Reports that came behind an output that waits. */
  #waiting: (() => void)[] | undefined;
  #atCutShort: (() => void) | undefined;
  readonly #stopping = new AbortController();
  /** Up to which of these the host was told to send. */
  #granted = 0;

  /** `tell`: says up to which output the host need not ask, counted from the first of this life. */
  constructor(spec: UnitSpec, tell: (upTo: number) => void) {
    this.#spec = spec;
    this.#send = tell;
    spec.routes.output.onRerouted = () => this.#revoke();
  }

  /** Undefined for a kernel whose outputs have other ids when it tries again. */
  get published() {
    const { onCrash, effects } = this.#spec.kernel.supervise;
    return onCrash === "retry" && effects === "commit" ? this.#spec.published : undefined;
  }

  /** One that came unasked. */
  accept(output: AnyMessage): void {
    this.#received++;
    if (!this.#hasLeft(output)) this.#pass(output);
    this.grant();
  }

  /** One that came unasked, and cannot be read: what it came of is done nonetheless. */
  unreadable(fault: UnreadableMessage): void {
    this.#received++;
    const { kernel, reports } = this.#spec;
    const error = unreadable(fault, kernel.id);
    reports.error(error, fault.header);
    reports.deadLetter(fault.header, error, 0);
    this.grant();
  }

  #pass(output: AnyMessage): void {
    try {
      if (this.#spec.routes.output.tryPush(output)) this.#left(output);
      else void this.#passLater(output);
    } catch (error) {
      // where it is to end, this is given up with what comes behind
      if (this.#stopping.signal.aborted) this.#waiting = [];
      else this.#refused(output, error);
    }
  }

  async #passLater(output: AnyMessage): Promise<void> {
    this.#waiting = [];
    try {
      await this.#spec.routes.output.push(output, { signal: this.#stopping.signal });
      this.#left(output);
    } catch (error) {
      // what came behind it has no effect, either
      if (this.#stopping.signal.aborted) return this.#atCutShort?.();
      this.#refused(output, error);
    }
    const behind = this.#waiting;
    this.#waiting = undefined;
    for (const then of behind) this.inOrder(then);
  }

  /** Makes a dead letter of a refused output; its sender is not notified any more. */
  #refused(output: AnyMessage, thrown: unknown): void {
    const { kernel, reports, assignment, input } = this.#spec;
    const error = asRinglineError(thrown, { kernelId: kernel.id });
    const { correlationId } = output;
    const cause =
      assignment === undefined && correlationId !== null && (input as MirroredPort).deadLetter(correlationId);
    if (cause) reports.deadLetter(cause.message, error, cause.attempts);
    else reports.deadLetter(output, error, 0);
  }

  /** False while something that came before must wait. */
  get isPassing(): boolean {
    return this.#waiting === undefined;
  }

  /** Does something once all that came before it has been accepted; never where that is given up. */
  inOrder(then: () => void): void {
    if (this.#waiting === undefined) then();
    else this.#waiting.push(then);
  }

  /** The kernel is asked to end: what waits is given up. */
  stop(): void {
    this.#stopping.abort();
  }

  /** The kernel has ended: does what follows from it once its outputs are accepted, or given up. */
  atEnd(then: () => void): void {
    if (this.#waiting !== undefined && this.#stopping.signal.aborted) then();
    else this.inOrder(then);
    this.#atCutShort = then;
  }

  /** One for which the host waits: behind those that came unasked, also where these are given up. */
  async emit(output: AnyMessage, wait: WaitOptions): Promise<void> {
    if (this.#hasLeft(output)) return;
    if (this.#waiting !== undefined) await this.#turn(wait.signal);
    await pushed(this.#spec.routes.output, output, wait);
    this.#left(output);
    this.grant();
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      this.inOrder(resolve);
      signal?.addEventListener("abort", () => reject(new errors.ABORTED({ operation: "send" })));
    });
  }

  /**
   * True for an output that was sent before the host of the last incarnation was lost, and comes again with the same
   * id.
   */
  #hasLeft(output: AnyMessage): boolean {
    const { published } = this;
    if (published === undefined || published.isEmpty) return false; // before ids are made into text
    const { messageId, correlationId } = output;
    return correlationId !== null && published.has(correlationId, messageId);
  }

  #left(output: AnyMessage): void {
    const { published } = this;
    if (published === undefined) return;
    const { messageId, correlationId } = output;
    if (correlationId !== null) published.add(correlationId, messageId);
  }

  /** Says so when there is room for many more. */
  grant(): void {
    const { output } = this.#spec.routes;
    const credit = Math.min(MOST_CREDIT, output.direct?.credits ?? output.credits ?? 0);
    const upTo = this.#received + credit;
    if (credit === 0 || upTo - this.#granted < credit / 2) return;
    this.#granted = upTo;
    this.#send(upTo);
  }

  /** Outputs go elsewhere from now on, where there may be less room. */
  #revoke(): void {
    if (this.#granted <= this.#received) return;
    this.#granted = this.#received;
    this.#send(this.#granted);
  }
}

/** Brings on what came from a host, which gives up its buffers where nobody takes it. */
export async function pushed(outlet: Outlet, message: AnyMessage, wait: WaitOptions): Promise<void> {
  try {
    if (!outlet.tryPush(message)) await outlet.push(message, wait);
  } catch (error) {
    if (hasBuffers) releaseReferences(message);
    throw error;
  }
}
