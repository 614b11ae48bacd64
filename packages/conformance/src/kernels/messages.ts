import { body, defineMessage, type MessageOf } from "@ringline/core";

/** The input of the suite's kernels. Its fields say how the kernel behaves, so that kernels need no shared state. */
export const Task = defineMessage(
  "Task",
  body<{
    readonly n: number;
    /** Throw an error with this text. */
    readonly fail?: string;
    /** Milliseconds to take. */
    readonly delay?: number;
    /** Results to give; 1 unless said otherwise. */
    readonly outputs?: number;
    /** Never end: until the kernel is asked to, or not even then. */
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
