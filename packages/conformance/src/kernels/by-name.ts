import { body, defineKernel, defineMessage, type MessageOf } from "@ringline/core";
import { chanceOf } from "../support/random.js";

const module = import.meta.url;

export const Item = defineMessage("Item", body<{ readonly n: number }>());
export type Item = MessageOf<typeof Item>;

/** Behaviour of a stage: passes on everything, fails at some inputs, or drops some. */
export type Behaviour = "pass" | "fail" | "drop";
export const nameFor = (node: number, behaviour: Behaviour, many: number): string => `k${node}-${behaviour}-x${many}`;

/**
 * Decides if a stage fails at an input or drops it: by its number and the input alone, so that a model can predict it.
 */
export const strikes = (node: number, n: number): boolean => chanceOf(node, n) < 0.25;

/** A stage whose behaviour is in its name: `k3-fail-x2` fails at some inputs, and gives two outputs for the others. */
export const byName = defineKernel({
  id: "by name",
  module,
  input: Item,
  output: Item,
  async handle({ n }, { kernelId }) {
    const [, node = "", behaviour, many = ""] = /k(\d+)-(pass|fail|drop)-x(\d+)/.exec(kernelId) ?? [];
    for (let i = (n * 7 + Number(node)) % 6; i > 2; i--) await undefined;
    if (behaviour !== "pass" && strikes(Number(node), n)) {
      if (behaviour === "fail") throw new Error(`fails at ${n}`);
      return [];
    }
    return Array.from({ length: Number(many) }, () => Item({ n }));
  },
});
