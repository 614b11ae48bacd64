import type { AnyMessage } from "../messages/any-message.js";
import type { KernelTelemetry } from "../telemetry/telemetry.js";
import { turn } from "../time/turn.js";
import type { SendOptions, WaitOptions } from "../time/wait-options.js";
import { iterateOutputs, type TerminateOptions } from "./channel.js";
import type { KernelState } from "./kernel-state.js";
import type { LaunchedKernel } from "./launched-kernel.js";

/** A launched kernel for users, who see it as `KernelHandle`. */
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

  // bound functions, so that they can be detached from the handle
  readonly activate = (wait?: WaitOptions): Promise<void> => this.#kernel.activate("activate", wait);
  readonly deactivate = (wait?: WaitOptions): Promise<void> => this.#kernel.deactivate(wait);
  readonly reactivate = (wait?: WaitOptions): Promise<void> => this.#kernel.activate("reactivate", wait);
  readonly terminate = (options: TerminateOptions = {}): Promise<void> => this.#kernel.terminate(options);
  readonly send = (message: unknown, options?: SendOptions): Promise<void> => this.#kernel.send(message, options);
  readonly receive = (wait?: WaitOptions): Promise<AnyMessage> => this.#kernel.receive(wait);
  readonly tryReceive = (): AnyMessage | undefined => this.#kernel.tryReceive();
  readonly request = (message: unknown, wait?: WaitOptions): Promise<AnyMessage> => this.#kernel.request(message, wait);
  readonly telemetry = async (): Promise<KernelTelemetry> => {
    if (turn.spend()) await turn.next(); // a caller that looks in a loop must let others work
    return this.#kernel.telemetry();
  };

  [Symbol.asyncIterator](): AsyncIterator<AnyMessage, void, void> {
    return iterateOutputs(this.receive);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate();
  }
}
