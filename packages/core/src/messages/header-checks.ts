import { checkOptions } from "../errors/check-options.js";
import { errors } from "../errors/ringline-error.js";
import type { HeaderOptions } from "./header.js";
import { asUuid } from "./message-id.js";

const OPTIONS: readonly string[] = [
  "priority",
  "replyTo",
  "correlationId",
  "expiresIn",
  "trace",
  "key",
] satisfies (keyof HeaderOptions)[];

/** Throws `INVALID_ARGUMENT` for an unknown option, such as a misspelt one. */
export function checkNames(header: HeaderOptions): void {
  checkOptions(header, OPTIONS, "a header");
}

export function checkPriority(priority: unknown): number {
  if (Number.isInteger(priority) && (priority as number) >= 0 && (priority as number) <= 255) return priority as number;
  throw new errors.INVALID_ARGUMENT(
    { argument: "priority", value: priority },
    { remedy: "A priority is an integer from 0 to 255, higher first." },
  );
}

/** Fields of a traceparent: version, trace, parent, flags (https://www.w3.org/TR/trace-context/#traceparent-header). */
const TRACEPARENT = /^[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

export function checkTrace(trace: unknown): string {
  if (typeof trace === "string" && TRACEPARENT.test(trace)) return trace;
  throw new errors.INVALID_ARGUMENT(
    { argument: "trace", value: trace },
    { remedy: "`trace` is a W3C traceparent: 00-<32 hexadecimal digits>-<16>-<2>." },
  );
}

export function checkKey(key: unknown): string {
  if (typeof key === "string" && key !== "") return key;
  throw new errors.INVALID_ARGUMENT({ argument: "key", value: key }, { remedy: "A key is a non-empty string." });
}

export function checkCorrelationId(id: unknown): string | null {
  const uuid = id === null ? null : asUuid(id);
  if (uuid !== undefined) return uuid;
  throw new errors.INVALID_ARGUMENT(
    { argument: "correlationId", value: id },
    { remedy: "A correlation id is the UUID of another message, or null." },
  );
}

export function checkExpiry(expiresIn: unknown): number {
  if (typeof expiresIn === "number" && expiresIn > 0) return expiresIn;
  throw new errors.INVALID_ARGUMENT(
    { argument: "expiresIn", value: expiresIn },
    { remedy: "`expiresIn` is more than 0 milliseconds." },
  );
}
