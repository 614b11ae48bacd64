import { isRinglineError } from "../errors/ringline-error.js";
import { type FieldPlan, scalarPlan } from "../layouts/field-plan.js";
import type { AnyMessage } from "../messages/any-message.js";

/**
 * Creates the outputs of host bodies. Whole numbers beyond the range of an integer field wrap around as on a device;
 * only an output that fails validation is searched for them. Throws `INVALID_MESSAGE` if the wrapped output is invalid,
 * too.
 */
export function wrapping(plan: FieldPlan, make: (body: object) => AnyMessage): (body: object) => AnyMessage {
  return (body) => {
    try {
      return make(body);
    } catch (error) {
      if (!isRinglineError(error, "INVALID_MESSAGE")) throw error;
      return make(wrapped(plan, body) as object);
    }
  };
}

/** Wraps the whole numbers of a value modulo 2 ** 32; a value that does not suit its field stays unchanged. */
function wrapped(plan: FieldPlan, value: unknown): unknown {
  switch (plan.kind) {
    case "scalar":
      if (plan.scalar === "u32" && Number.isInteger(value)) return (value as number) >>> 0;
      return plan.scalar === "i32" && Number.isInteger(value) ? (value as number) | 0 : value;
    case "vector":
    case "array": {
      const of = plan.kind === "array" ? plan.of : scalarPlan(plan.scalar);
      const isList = typeof value === "object" && value !== null && "length" in value;
      return isList ? Array.from(value as ArrayLike<unknown>, (one) => wrapped(of, one)) : value;
    }
    case "struct": {
      if (typeof value !== "object" || value === null) return value;
      const fields = { ...value } as Record<string, unknown>;
      for (const { name, plan: member } of plan.members) fields[name] = wrapped(member, fields[name]);
      return fields;
    }
    case "buffer":
      return value;
  }
}
