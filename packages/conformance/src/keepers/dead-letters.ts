import {
  body,
  createRuntime,
  type DeadLetter,
  defineKernel,
  defineMessage,
  type Keep,
  type Runtime,
} from "@ringline/core";
import { deepEqual, equal, ok, PATIENCE, until, within } from "../assert.js";
import { range } from "../support/handle.js";
import { memoryBackend } from "./memory-backend.js";
import type { KeeperCase } from "./program.js";

interface Order {
  readonly n: number;
  readonly when?: Date;
  readonly parts?: ReadonlyMap<string, Uint8Array>;
}
const Order = defineMessage("Order", body<Order>());
const orders = defineKernel({
  id: "orders",
  input: Order,
  handle({ n }) {
    if (n >= 0) throw new RangeError(`order ${n}`);
  },
});
const soon = { timeout: PATIENCE };
const FAILED = 6;

/** Runs a program that keeps its dead letters, and ends it. */
async function inProgram(keep: Keep, name: string, act: (runtime: Runtime) => Promise<void>): Promise<void> {
  const runtime = createRuntime({ backend: memoryBackend(), keep, keepDeadLetters: name });
  runtime.on("error", () => {});
  try {
    await within(PATIENCE, runtime.deadLetters.kept(), "dead letters of earlier programs");
    await act(runtime);
    await within(PATIENCE, runtime.deadLetters.kept(), "dead letters to be stored");
  } finally {
    await runtime.dispose();
  }
}

const numbers = (letters: readonly DeadLetter[]) => letters.map(({ message }) => (message as unknown as Order).n);

export const deadLetterCases: readonly KeeperCase[] = [
  {
    name: "dead letters come again in the next program, whole and in order; what has left does not",
    async run(keep) {
      const parts = new Map([["bytes", new Uint8Array([1, 2, 255])]]);
      let before: DeadLetter | undefined;
      await inProgram(keep, "orders", async (runtime) => {
        const handle = await runtime.start(orders);
        for (const n of range(FAILED)) {
          await handle.send(Order({ n, when: new Date(7), parts }, { key: `order ${n}`, priority: 9 }), soon);
        }
        await until("the dead letters", () => runtime.deadLetters.size === FAILED);
        [before] = runtime.deadLetters.peek();
      });
      await inProgram(keep, "orders", async ({ deadLetters }) => {
        const letters = deadLetters.peek();
        deepEqual(numbers(letters), range(FAILED), "dead letters of the first program");
        const [letter] = letters as [DeadLetter];
        const {
          type,
          messageId,
          priority,
          when,
          parts: again,
        } = letter.message as unknown as (typeof Order)["~message"];
        deepEqual([type, priority, when, again], ["Order", 9, new Date(7), parts], "the message");
        equal(messageId, before?.message.messageId, "its id");
        const { reason, kernelId, attempts, at, error } = letter;
        deepEqual([reason, kernelId, attempts, at], ["KERNEL_FAILED", "orders", 1, before?.at], "the reason");
        const { code, cause } = error;
        deepEqual([code, (cause as Error).name, (cause as Error).message], ["KERNEL_FAILED", "RangeError", "order 0"]);
        equal(deadLetters.discard(letters.slice(0, 1)), 1, "discarded");
        deepEqual(numbers(deadLetters.take().slice(0, 1)), [1], "taken");
      });
      await inProgram(keep, "orders", async (runtime) => {
        deepEqual(runtime.deadLetters.peek(), [], "what is left after all were taken");
        const handle = await runtime.start(orders);
        for (const n of range(FAILED)) await handle.send(Order({ n }), soon);
        await until("more of them", () => runtime.deadLetters.size === FAILED);
      });
      await inProgram(keep, "orders", async (runtime) => {
        const { deadLetters } = runtime;
        const done: number[] = [];
        const repaired = defineKernel({ id: "orders", input: Order, handle: ({ n }) => void done.push(n) });
        await runtime.start(repaired);
        equal(await deadLetters.replay(deadLetters.peek().slice(0, 2), soon), 2, "replayed");
        await until("their processing", () => done.length === 2);
      });
      await inProgram(keep, "orders", async ({ deadLetters }) => {
        deepEqual(numbers(deadLetters.peek()), [2, 3, 4, 5], "what was not replayed");
      });
      await inProgram(keep, "others", async ({ deadLetters }) => {
        ok(deadLetters.size === 0, "dead letters of another name are apart");
      });
    },
  },
];
