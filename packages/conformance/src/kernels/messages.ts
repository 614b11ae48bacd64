import { body, defineMessage, type MessageOf } from "@ringline/core";

/** The input of the suite's kernels. Its fields say how the kernel behaves, so that kernels need no shared state. */
export const Task = defineMessage(
  "Task",
  body<{
    readonly n: number;
    /** A key by which a stage may distribute it. */
    readonly key?: number;
    /** Throw an error with this text. */
    readonly fail?: string;
    /** Milliseconds to take. */
    readonly delay?: number;
    /** Number of results, default 1. */
    readonly outputs?: number;
    /** Waits until the kernel is asked to end, or forever. */
    readonly hang?: "until-asked" | "for-ever";
  }>(),
);
export type Task = MessageOf<typeof Task>;

export const Result = defineMessage(
  "Result",
  body<{
    /** `n` of the task. */
    readonly n: number;
    /** The kernel that made it. */
    readonly by: string;
    /** Index among the results of one task, from 0. */
    readonly index: number;
  }>(),
);
export type Result = MessageOf<typeof Result>;
