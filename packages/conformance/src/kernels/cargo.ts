import { body, defineKernel, defineMessage, isRinglineError, type MessageOf } from "@ringline/core";
import { difference } from "../values/difference.js";
import type { ValueKind } from "../values/kind.js";
import { valueKinds } from "../values/value-kinds.js";
import { Task } from "./messages.js";

const module = import.meta.url;

/** A message that carries anything. */
export const Cargo = defineMessage("Cargo", body<{ readonly value: unknown }>());
export type Cargo = MessageOf<typeof Cargo>;

/** The header of a message, as the kernel saw it. */
export const Seen = defineMessage(
  "Seen",
  body<{
    readonly ownId: string;
    readonly ownPriority: number;
    readonly cause: string | null;
    readonly fields: string;
  }>(),
);

/** Sends back each message. */
export const mirror = defineKernel({
  id: "mirror",
  module,
  input: Cargo,
  output: Cargo,
  handle: ({ value }) => Cargo({ value }),
});

/** Has a function for each type of message. */
export const sorter = defineKernel({
  id: "sorter",
  module,
  input: [Task, Cargo],
  output: Cargo,
  handle: {
    Task: ({ n }) => Cargo({ value: `task ${n}` }),
    async Cargo({ value }, ctx) {
      await ctx.send(Cargo({ value: `cargo ${value}` }));
      return undefined;
    },
  },
});

/** Changes the list in a message, which the sender sees if both share it. */
export const meddler = defineKernel({
  id: "meddler",
  module,
  input: Cargo,
  output: Cargo,
  handle({ value }) {
    (value as number[]).push(99);
    return Cargo({ value: "changed" });
  },
});

/** Sends the same list again and again, which receivers can change if they share it. */
export const lender = defineKernel({
  id: "lender",
  module,
  input: Cargo,
  output: Cargo,
  async run(ctx) {
    const own = ["mine"];
    for await (const asked of ctx) await ctx.send(Cargo({ value: own }, { replyTo: asked }));
  },
});

/** Tries to send a function. */
export const smuggler = defineKernel({
  id: "smuggler",
  module,
  input: Task,
  output: Cargo,
  handle: ({ n }) => Cargo({ value: { deep: [() => n] } }),
});

/**
 * Saves the kind of value that a task names by its place in the table, and answers with the path at which the saved
 * value differs, "" if it is equal, or the path at which it was rejected.
 */
export const archive = defineKernel({
  id: "archive",
  module,
  input: Task,
  output: Cargo,
  async handle({ n }, ctx) {
    const { make, answer } = valueKinds.flatMap(({ kinds }) => kinds)[n] as ValueKind;
    const value = make();
    try {
      await ctx.checkpoint({ value });
    } catch (error) {
      if (isRinglineError(error, "SERIALIZATION")) return Cargo({ value: `refused: ${error.details.path}` });
      throw error;
    }
    const wanted = typeof answer === "object" && "becomes" in answer ? answer.becomes(value as never) : value;
    return Cargo({ value: difference(ctx.restored, { value: wanted }, "") ?? "" });
  },
});

/** Reports the header of a message as the kernel sees it. */
export const reader = defineKernel({
  id: "reader",
  module,
  input: Cargo,
  output: Seen,
  handle: (cargo) =>
    Seen({
      ownId: cargo.messageId,
      ownPriority: cargo.priority,
      cause: cargo.correlationId,
      fields: Object.keys(cargo).join(),
    }),
});
