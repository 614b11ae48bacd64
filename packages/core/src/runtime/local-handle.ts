import { isRinglineError } from "../errors/ringline-error.js";
import type { MessageBase } from "../messages/message-base.js";
import type { KernelTelemetry } from "../telemetry/telemetry.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { KernelState } from "./kernel-state.js";
import type { LaunchedKernel } from "./launched-kernel.js";
import type { TerminateOptions } from "./runtime-types.js";

/** A launched kernel as users hold it. What they see of it is `KernelHandle`. */
export class LocalHandle {
  readonly #kernel: LaunchedKernel;
  readonly id: string;

  constructor(kernel: LaunchedKernel) {
    this.#kernel = kernel;
    this.id = kernel.id;
  }

  get state(): KernelState {
    return this.#kernel.state;
  }

  activate(): Promise<void> {
    return this.#kernel.activate("launched");
  }
  deactivate(): Promise<void> {
    return this.#kernel.deactivate();
  }
  reactivate(): Promise<void> {
    return this.#kernel.activate("deactivated");
  }
  terminate(options: TerminateOptions = {}): Promise<void> {
    return this.#kernel.terminate(options);
  }
  send(message: unknown, wait?: WaitOptions): Promise<void> {
    return this.#kernel.send(message, wait);
  }
  receive(wait?: WaitOptions): Promise<MessageBase> {
    return this.#kernel.receive(wait);
  }
  request(message: unknown, wait?: WaitOptions): Promise<MessageBase> {
    return this.#kernel.request(message, wait);
  }
  telemetry(): Promise<KernelTelemetry> {
    return this.#kernel.telemetry();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<MessageBase, void, void> {
    for (;;) {
      try {
        yield await this.receive();
      } catch (error) {
        if (isRinglineError(error, "TERMINATED")) return;
        throw error;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate();
  }
}
