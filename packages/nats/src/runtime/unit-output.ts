import { errors, type WaitOptions } from "@ringline/core";
import type { Outlet, UnitSpec } from "@ringline/core/backend";
import { type AnyMessage, asRinglineError, hasBuffers, releaseReferences } from "@ringline/core/internal";
import { type AcceptedOutputs, type UnreadableMessage, unreadable } from "@ringline/remote";
import type { MirroredPort } from "./mirrored-port.js";

/** Maximum credits of a host. */
const MOST_CREDIT = 1024;

/**
 * Outputs of a kernel at a host, in order. A host sends on credit while there is capacity that no other sender can
 * take. If an output must wait because outputs are rerouted, all later reports wait behind it: the runtime sees the
 * kernel as of that output.
 */
export class UnitOutput {
  readonly #spec: UnitSpec;
  readonly #sent: AcceptedOutputs;
  readonly #send: (upTo: number) => void;
  /** Number of outputs received on credit. */
  #received = 0;
  /** Reports behind an output that waits. */
  #waiting: (() => void)[] | undefined;
  #atCutShort: (() => void) | undefined;
  readonly #stopping = new AbortController();
  /** Number of the last output for which the host has credit. */
  #granted = 0;

  /** `tell`: sends the number of the last output that needs no request, from the first of this incarnation. */
  constructor(spec: UnitSpec, sent: AcceptedOutputs, tell: (upTo: number) => void) {
    this.#spec = spec;
    this.#sent = sent;
    this.#send = tell;
    spec.routes.output.onRerouted = () => this.#revoke();
  }

  /** Accepts an output that was sent on credit. */
  accept(output: AnyMessage): void {
    this.#received++;
    if (!this.#sent.has(output)) this.#pass(output);
    this.grant();
  }

  /** Handles an output sent on credit that cannot be decoded; its input is settled nevertheless. */
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
      if (this.#spec.routes.output.tryPush(output)) this.#sent.add(output);
      else void this.#passLater(output);
    } catch (error) {
      // a kernel that is to end gives up this output and those behind it
      if (this.#stopping.signal.aborted) this.#waiting = [];
      else this.#refused(output, error);
    }
  }

  async #passLater(output: AnyMessage): Promise<void> {
    this.#waiting = [];
    try {
      await this.#spec.routes.output.push(output, { signal: this.#stopping.signal });
      this.#sent.add(output);
    } catch (error) {
      // items behind it have no effect, either
      if (this.#stopping.signal.aborted) return this.#atCutShort?.();
      this.#refused(output, error);
    }
    const behind = this.#waiting;
    this.#waiting = undefined;
    for (const then of behind) this.inOrder(then);
  }

  /** Makes a dead letter of a rejected output; its sender is no longer notified. */
  #refused(output: AnyMessage, thrown: unknown): void {
    const { kernel, reports, assignment, input } = this.#spec;
    const error = asRinglineError(thrown, { kernelId: kernel.id });
    const { correlationId } = output;
    const cause =
      assignment === undefined && correlationId !== null && (input as MirroredPort).deadLetter(correlationId);
    if (cause) reports.deadLetter(cause.message, error, cause.attempts);
    else reports.deadLetter(output, error, 0);
  }

  /** False while an earlier output waits. */
  get isPassing(): boolean {
    return this.#waiting === undefined;
  }

  /** Runs `then` once all earlier outputs are accepted; never if they are given up. */
  inOrder(then: () => void): void {
    if (this.#waiting === undefined) then();
    else this.#waiting.push(then);
  }

  /** Gives up waiting outputs when the kernel is asked to end. */
  stop(): void {
    this.#stopping.abort();
  }

  /** Runs `then` at the end of the kernel, once its outputs are accepted or given up. */
  atEnd(then: () => void): void {
    if (this.#waiting !== undefined && this.#stopping.signal.aborted) then();
    else this.inOrder(then);
    this.#atCutShort = then;
  }

  /** Sends an output for which the host waits, after those sent on credit, even if these are given up. */
  async emit(output: AnyMessage, wait: WaitOptions): Promise<void> {
    if (this.#sent.has(output)) return;
    if (this.#waiting !== undefined) await this.#turn(wait.signal);
    await pushed(this.#spec.routes.output, output, wait);
    this.#sent.add(output);
    this.grant();
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      this.inOrder(resolve);
      signal?.addEventListener("abort", () => reject(new errors.ABORTED({ operation: "send" })));
    });
  }

  /** Grants credits to the host if there is capacity for many more outputs. */
  grant(): void {
    const { output } = this.#spec.routes;
    const credit = Math.min(MOST_CREDIT, output.direct?.credits ?? output.credits ?? 0);
    const upTo = this.#received + credit;
    if (credit === 0 || upTo - this.#granted < credit / 2) return;
    this.#granted = upTo;
    this.#send(upTo);
  }

  /** Revokes credits, as outputs are rerouted to a port that may have less capacity. */
  #revoke(): void {
    if (this.#granted <= this.#received) return;
    this.#granted = this.#received;
    this.#send(this.#granted);
  }
}

/** Pushes a message from a host; releases its buffers if it is rejected. */
export async function pushed(outlet: Outlet, message: AnyMessage, wait: WaitOptions): Promise<void> {
  try {
    if (!outlet.tryPush(message)) await outlet.push(message, wait);
  } catch (error) {
    if (hasBuffers) releaseReferences(message);
    throw error;
  }
}
