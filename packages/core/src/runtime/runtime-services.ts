import { deadLetterCopyOf, hasBuffers } from "../buffers/references.js";
import type { DurableFlow } from "../durable/durable-flow.js";
import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import { type AnyOrigin, originOf } from "../flows/flow-origin.js";
import { type AnyMessage, lineageOf } from "../messages/any-message.js";
import { isDevelopment } from "../messages/environment.js";
import { failRequester } from "../messages/lineage.js";
import type { Reports } from "../seam/routes.js";
import type { TelemetryOptions } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";
import type { DeadLetterStore } from "./dead-letter-store.js";
import type { DeadLetter } from "./dead-letters.js";
import { type Events, print } from "./events.js";
import type { KernelServices } from "./kernel-services.js";
import type { KernelState } from "./kernel-state.js";
import type { LaunchedKernel } from "./launched-kernel.js";
import type { RuntimeEvents } from "./runtime-types.js";

/** Reports what happens to kernels and messages: as events and dead letters, on the console, and to requesters. */
export class RuntimeServices implements KernelServices {
  constructor(
    readonly clock: Clock,
    readonly telemetry: TelemetryOptions | undefined,
    readonly events: Events<RuntimeEvents>,
    readonly letters: DeadLetterStore,
    readonly find: (id: string) => LaunchedKernel,
    readonly durable: (flow: string) => DurableFlow | undefined,
  ) {}

  stateChanged({ id, state }: LaunchedKernel, from: KernelState): void {
    this.events.emit("state", { kernelId: id, from, to: state });
  }

  error(error: AnyRinglineError): void {
    if (!this.events.emit("error", error)) print(error);
  }

  stalled(kernelId: string, waitsOn: string): void {
    if (this.events.emit("stalled", { kernelId, waitsOn })) return;
    console.warn(`[ringline] kernel "${kernelId}" has made no progress for a second: it waits on ${waitsOn}`);
  }

  isUnserved(id: string): boolean {
    try {
      return this.find(id).state === "launched";
    } catch {
      return false; // forgotten meanwhile
    }
  }

  unread(kernelId: string, outputs: number): void {
    if (!isDevelopment) return;
    const remedy = "receive them, connect the kernel to another, or define it without `output`";
    this.log(kernelId, "warn", `Nobody has read the output, ${outputs} messages: ${remedy}.`, undefined);
  }

  connection(event: RuntimeEvents["connection"]): void {
    if (this.events.emit("connection", event)) return;
    const reason = event.reason ? `: ${event.reason}` : "";
    console.warn(`[ringline] backend "${event.backend}": the connection to ${event.to} is ${event.change}${reason}`);
  }

  restarts(kernelId: string, attempt: number, delay: number, error: AnyRinglineError | null): void {
    this.events.emit("restart", { kernelId, attempt, delay, error });
  }

  relocated(event: RuntimeEvents["relocated"]): void {
    this.events.emit("relocated", event);
  }

  tuned(event: RuntimeEvents["tuned"]): void {
    this.events.emit("tuned", event);
  }

  swapped(event: RuntimeEvents["swapped"]): void {
    this.events.emit("swapped", event);
  }

  scaled(event: RuntimeEvents["scaled"]): void {
    this.events.emit("scaled", event);
  }

  deadLetter(
    kernelId: string,
    message: AnyMessage,
    error: AnyRinglineError,
    attempts: number,
    stage = error.stage,
  ): void {
    // the dead letter takes over the references of the message in flight
    const kept = hasBuffers ? deadLetterCopyOf(message) : message;
    const deadLetter = { message: kept, reason: error.code, error, kernelId, stage, attempts, at: Date.now() };
    this.#store(deadLetter, originOf(lineageOf(message)));
    this.events.emit("deadLetter", deadLetter);
    failRequester(lineageOf(message), kernelId, () => error);
  }

  /** A dead letter of a durable flow is stored before its input is done. */
  #store(deadLetter: DeadLetter, origin: AnyOrigin | undefined): void {
    const inputs = origin && this.durable(origin.flow)?.inputs;
    if (origin === undefined || inputs === undefined) this.letters.add(deadLetter);
    else if (inputs.comesAgain(origin)) this.letters.add(deadLetter, false);
    else this.letters.add(deadLetter, true, inputs.deadLettered(origin));
  }

  lateReply(answer: AnyMessage, asked: string, requester: string, unreadable?: AnyRinglineError): void {
    const place = { kernelId: asked, messageId: answer.messageId };
    if (unreadable !== undefined) this.error(unreadable);
    this.deadLetter(asked, answer, unreadable ?? new errors.LATE_REPLY({ requester: requester }, place), 0);
  }

  dropped({ id, definition }: LaunchedKernel, message: AnyMessage): void {
    this.events.emit("drop", { kernelId: id, message });
    failRequester(lineageOf(message), id, () => {
      const place = {
        kernelId: id,
        messageId: message.messageId,
        remedy: "The message was dropped to make room for newer ones.",
      };
      return new errors.QUEUE_FULL({ queueSize: definition.queueSize }, place);
    });
  }

  log(kernelId: string, ...[level, text, fields]: Parameters<Reports["log"]>): void {
    if (this.events.emit("log", { kernelId, level, text, fields })) return;
    console[level](`[${kernelId}] ${text}`, ...(fields === undefined ? [] : [fields]));
  }
}
