import type { WaitOptions } from "@ringline/core";
import { type AnyMessage, asRinglineError, hasBuffers, release, type UnitSpec } from "@ringline/core/backend";

/** Most outputs that a host sends without asking. */
const MOST_CREDIT = 256;

/**
 * The outputs of a kernel at a host, as they come. A host sends some without asking, while there is room: so many that others who
 * send to the same port hardly take it meanwhile. Where they do, or where it was closed, the kernel has gone on already:
 * such an output waits here, or is a dead letter.
 */
export class UnitOutput {
  readonly #spec: UnitSpec;
  readonly #tell: (upTo: number) => void;
  /** Outputs that came unasked. */
  #heard = 0;
  /** Up to which of these the host was told to send. */
  #granted = 0;

  /** `tell`: says up to which output the host need not ask, counted from the first of this life. */
  constructor(spec: UnitSpec, tell: (upTo: number) => void) {
    this.#spec = spec;
    this.#tell = tell;
    spec.routes.output.onRerouted = () => this.#revoke();
  }

  /** Undefined for a kernel whose outputs have other ids when it tries again. */
  get published() {
    const { onCrash, effects } = this.#spec.kernel.supervise;
    return onCrash === "retry" && effects === "commit" ? this.#spec.published : undefined;
  }

  /** One that came unasked. */
  heard(output: AnyMessage): void {
    this.#heard++;
    if (!this.#hasLeft(output)) this.#pass(output);
    this.grant();
  }

  #pass(output: AnyMessage): void {
    try {
      if (this.#spec.routes.output.tryPush(output)) this.#left(output);
      else this.#passLater(output);
    } catch (error) {
      this.#bury(output, error);
    }
  }

  #passLater(output: AnyMessage): void {
    this.#spec.routes.output.push(output).then(
      () => this.#left(output),
      (error) => this.#bury(output, error),
    );
  }

  #bury(output: AnyMessage, error: unknown): void {
    const { kernel, reports } = this.#spec;
    reports.deadLetter(output, asRinglineError(error, { kernelId: kernel.id }), 0);
  }

  /** One for which the host waits. */
  async emit(output: AnyMessage, wait: WaitOptions): Promise<void> {
    if (this.#hasLeft(output)) return;
    const { output: outlet } = this.#spec.routes;
    try {
      if (!outlet.tryPush(output)) await outlet.push(output, wait);
    } catch (error) {
      if (hasBuffers) release(output);
      throw error;
    }
    this.#left(output);
    this.grant();
  }

  /** What left before the host of its last life was lost comes again, with the same id. */
  #hasLeft({ messageId, correlationId }: AnyMessage): boolean {
    const { published } = this;
    if (published === undefined || published.isEmpty || correlationId === null) return false;
    return published.has(correlationId, messageId);
  }

  #left({ messageId, correlationId }: AnyMessage): void {
    if (correlationId !== null) this.published?.add(correlationId, messageId);
  }

  /** Says so when there is room for many more. */
  grant(): void {
    const credit = Math.min(MOST_CREDIT, (this.#spec.routes.output.direct?.room ?? 0) >> 2);
    const upTo = this.#heard + credit;
    if (credit === 0 || upTo - this.#granted < credit / 2) return;
    this.#granted = upTo;
    this.#tell(upTo);
  }

  /** Outputs go elsewhere from now on, where there may be less room. */
  #revoke(): void {
    if (this.#granted <= this.#heard) return;
    this.#granted = this.#heard;
    this.#tell(this.#granted);
  }
}
