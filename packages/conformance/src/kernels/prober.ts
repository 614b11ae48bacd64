import { body, defineKernel, defineMessage, isRinglineError, type MessageOf } from "@ringline/core";

/** An instruction to `prober`. */
export const Probe = defineMessage(
  "Probe",
  body<{
    /**
     * "look": just report. "receive": receive with this time-out, and report how that ended. "waitActive" likewise.
     * "return": end by itself. "throw": fail. "last words": wait to be asked to end, then report.
     */
    readonly op: "look" | "receive" | "waitActive" | "return" | "throw" | "last words";
    readonly timeout?: number;
  }>(),
);
export type Probe = MessageOf<typeof Probe>;

/** A report of a body about its own kernel. */
export const Report = defineMessage(
  "Report",
  body<{
    /** The operation, or "started", or "ended" when the loop is over. */
    readonly after: Probe["op"] | "started" | "ended";
    /** Code of the error of its call, or null. */
    readonly code: string | null;
    /** Number of probes received so far, by this incarnation. */
    readonly seen: number;
    readonly isActive: boolean;
    readonly shouldTerminate: boolean;
    readonly isAborted: boolean;
  }>(),
);
export type Report = MessageOf<typeof Report>;

/** Reports the state of its kernel as its body sees it. */
export const prober = defineKernel({
  id: "prober",
  module: import.meta.url,
  input: Probe,
  output: Report,
  async run(ctx) {
    let seen = 0;
    const report = (after: Report["after"], code: string | null = null) => {
      const { isActive, shouldTerminate, signal } = ctx;
      return ctx.send(Report({ after, code, seen, isActive, shouldTerminate, isAborted: signal.aborted }));
    };
    const attempt = async (call: Promise<unknown>): Promise<string | null> => {
      try {
        await call;
        return null;
      } catch (error) {
        return isRinglineError(error) ? error.code : String(error);
      }
    };
    await report("started");
    for await (const { op, timeout } of ctx) {
      seen++;
      if (op === "return") return;
      if (op === "throw") throw new Error("as it was told");
      if (op === "look") await report(op);
      if (op === "waitActive") await report(op, await attempt(ctx.waitActive({ timeout })));
      if (op === "receive") await report(op, await attempt(ctx.receive({ timeout })));
      if (op === "last words") {
        if (!ctx.shouldTerminate) await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
        await report(op);
      }
    }
    await report("ended");
  },
});
