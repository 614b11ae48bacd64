import { body, defineKernel, defineMessage } from "../../src/index.js";
import type { AnyMessageType } from "../../src/messages/message-type.js";

export const A = defineMessage("A", body<{ n: number }>());
export const B = defineMessage("B", body<{ n: number }>());
export const C = defineMessage("C", body<{ n: number }>());

/** Kernels by what they take and send; nothing here runs them. */
export const kernels = {
  a: defineKernel({ id: "a", input: A, output: A, handle: (message) => message }),
  ab: defineKernel({ id: "ab", input: A, output: B, handle: ({ n }) => B({ n }) }),
  ba: defineKernel({ id: "ba", input: B, output: A, handle: ({ n }) => A({ n }) }),
  splits: defineKernel({ id: "splits", input: A, output: [A, B], handle: ({ n }) => [A({ n }), B({ n })] }),
  both: defineKernel({ id: "both", input: [A, B], output: A, handle: ({ n }) => A({ n }) }),
  sink: defineKernel({ id: "sink", input: A, handle() {} }),
  source: defineKernel({ id: "source", output: A, async run() {} }),
};

/** As a caller without types would. */
// biome-ignore lint/suspicious/noExplicitAny: that is the point
export type Untyped = any;
export const untyped = (value: unknown): Untyped => value;

export const namesOf = (types: readonly AnyMessageType[]): string[] => types.map(({ type }) => type);
