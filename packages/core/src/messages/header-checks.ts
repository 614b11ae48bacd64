import { errors } from "../errors/ringline-error.js";
import { isUuid } from "./message-id.js";

export function checkPriority(priority: unknown): number {
  if (Number.isInteger(priority) && (priority as number) >= 0 && (priority as number) <= 255) return priority as number;
  throw new errors.INVALID_ARGUMENT(
    { argument: "priority", value: priority },
    { remedy: "A priority is an integer from 0 to 255, higher first." },
  );
}

export function checkCorrelationId(id: unknown): string | null {
  if (id === null || isUuid(id)) return id;
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
