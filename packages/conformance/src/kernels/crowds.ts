import { body, defineKernel, defineMessage, type HandleContext, type MessageOf } from "@ringline/core";
import { Result } from "./messages.js";

const module = import.meta.url;

/** A piece of work among others of its group, whose bodies know of each other. */
export const Errand = defineMessage(
  "Errand",
  body<{
    readonly n: number;
    /** Of one case, and of no other. */
    readonly group: string;
    /** Number of bodies that must be in progress before this one goes on. */
    readonly together?: number;
    /** Number of bodies that must have ended before this one goes on. */
    readonly after?: number;
    /** The first attempt throws. */
    readonly fails?: boolean;
  }>(),
);
export type Errand = MessageOf<typeof Errand>;

interface Group {
  inProgress: number;
  most: number;
  ended: number;
  hasFailed: boolean;
}
const groups = new Map<string, Group>();
/** Looks at the group, of two milliseconds each, before a body goes on in any case. */
const LOOKS = 750;

/** Does an errand. The index of the result is the largest number of bodies that were in progress. */
async function run({ n, group, together = 0, after = 0, fails }: Errand, ctx: HandleContext): Promise<Result> {
  const own = groups.get(group) ?? { inProgress: 0, most: 0, ended: 0, hasFailed: false };
  groups.set(group, own);
  own.most = Math.max(own.most, ++own.inProgress);
  try {
    for (let i = 0; i < LOOKS && (own.most < together || own.ended < after); i++) {
      await new Promise<void>((resolve) => void ctx.clock.after(2, resolve));
    }
    if (fails && !own.hasFailed) {
      own.hasFailed = true;
      throw new RangeError("on purpose");
    }
  } finally {
    own.inProgress--;
    own.ended++;
  }
  return Result({ n, by: ctx.kernelId, index: own.most });
}

const crowd = { module, input: Errand, output: Result, concurrency: 3, handle: run } as const;

export const orderly = defineKernel({ ...crowd, id: "orderly" });
export const unordered = defineKernel({ ...crowd, id: "unordered", order: "unordered" });
/** Crashes with a failed errand, and tries all that were in progress again. */
export const fragile = defineKernel({
  ...crowd,
  id: "fragile",
  onError: "fail",
  supervise: {
    restart: "on-failure",
    onCrash: "retry",
    effects: "commit",
    limit: { max: 10, window: 60_000 },
    backoff: { initial: 1, jitter: 0 },
  },
});
