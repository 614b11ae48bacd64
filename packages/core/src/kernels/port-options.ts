import type { Complete } from "../errors/check-options.js";
import { errors } from "../errors/ringline-error.js";
import type { PortOptions } from "./kernel.js";

export const DEFAULT_PORT: Complete<PortOptions> = Object.freeze({ queueSize: 4096, backpressure: "block" });

/** Checks and returns the options that are set. Throws `INVALID_ARGUMENT`. */
export function checkPortOptions({ queueSize, backpressure }: PortOptions): Partial<Complete<PortOptions>> {
  if (queueSize !== undefined && !(Number.isSafeInteger(queueSize) && queueSize >= 1)) {
    throw new errors.INVALID_ARGUMENT(
      { argument: "queueSize", value: queueSize },
      { remedy: "`queueSize` is a whole number of messages, at least 1." },
    );
  }
  if (backpressure !== undefined && !["block", "reject", "drop-oldest"].includes(backpressure)) {
    throw new errors.INVALID_ARGUMENT(
      { argument: "backpressure", value: backpressure },
      { remedy: '`backpressure` is "block", "reject" or "drop-oldest".' },
    );
  }
  return { ...(queueSize !== undefined && { queueSize }), ...(backpressure !== undefined && { backpressure }) };
}
