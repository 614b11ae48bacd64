import { body, defineKernel, defineMessage, type MessageOf } from "@ringline/core";
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

/** Sends back what it gets. */
export const mirror = defineKernel({
  id: "mirror",
  module,
  input: Cargo,
  output: Cargo,
  handle: ({ value }) => Cargo({ value }),
});

/** Changes the list that it is sent, which its sender sees where they share it. */
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

/** Sends its own list again and again, which receivers can change where they share it. */
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

/** Tells what it sees of the header of a message. */
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
