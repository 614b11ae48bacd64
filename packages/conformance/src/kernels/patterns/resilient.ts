import { body, defineKernel, defineMessage } from "@ringline/core";
import { Task } from "../messages.js";

const module = import.meta.url;

export const StageResult = defineMessage(
  "StageResult",
  body<{
    readonly data: number | null;
    readonly success: boolean;
    readonly error: string | null;
    readonly stage: string;
  }>(),
);

function process({ n, fail }: Task): number {
  if (fail !== undefined) throw new Error(fail);
  return n * 10;
}

/** Turns its own failures into results in its body. */
export const resilient = defineKernel({
  id: "resilient",
  module,
  input: Task,
  output: StageResult,
  async run(ctx) {
    for await (const task of ctx) {
      const stage = ctx.kernelId;
      let result = StageResult({ data: null, success: false, error: "not processed", stage });
      try {
        result = StageResult({ data: process(task), success: true, error: null, stage });
      } catch (error) {
        result = StageResult({ data: null, success: false, error: (error as Error).message, stage });
      }
      await ctx.send(result);
    }
  },
});

/** The same by `onError`. */
export const resilientByOption = defineKernel({
  id: "resilient by option",
  module,
  input: Task,
  output: StageResult,
  handle: (task, { kernelId }) => StageResult({ data: process(task), success: true, error: null, stage: kernelId }),
  onError: ({ cause, kernelId }) =>
    StageResult({ data: null, success: false, error: (cause as Error).message, stage: kernelId ?? "" }),
});
