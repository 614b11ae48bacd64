import { body, defineKernel, defineMessage, type MessageOf } from "@ringline/core";
import { soon } from "../../patience.js";

const module = import.meta.url;

export const Order = defineMessage("Order", body<{ readonly trail: string; readonly failAt?: string }>());
export const Step = defineMessage(
  "Step",
  body<{ readonly trail: string; readonly failAt?: string; readonly success: boolean; readonly error?: string }>(),
);
export const PipelineResult = defineMessage("PipelineResult", body<{ readonly trail: string }>());
export const PipelineError = defineMessage(
  "PipelineError",
  body<{ readonly failedStage: string; readonly error: string }>(),
);

/** Adds its id to the trail; fails if the order says so. */
export const step = defineKernel({
  id: "step",
  module,
  input: [Order, Step],
  output: Step,
  handle({ trail, failAt }, { kernelId }) {
    const rest = failAt === undefined ? {} : { failAt };
    if (failAt === kernelId) return Step({ trail, success: false, error: `no luck in ${kernelId}`, ...rest });
    return Step({ trail: `${trail}>${kernelId}`, success: true, ...rest });
  },
});

const peers = { one: step.as("stage1"), two: step.as("stage2"), three: step.as("stage3") };

/** Leads each order through three stages, and reports where it failed. */
export const coordinator = defineKernel({
  id: "coordinator",
  module,
  input: Order,
  output: [PipelineResult, PipelineError],
  peers,
  async run(ctx) {
    for await (const order of ctx) {
      let current: MessageOf<typeof Order> | MessageOf<typeof Step> = order;
      let failed: MessageOf<typeof PipelineError> | undefined;
      for (const stage of ["one", "two", "three"] as const) {
        const reply: MessageOf<typeof Step> = await ctx.peers[stage].request(current, soon);
        current = reply;
        if (reply.success) continue;
        failed = PipelineError({ failedStage: peers[stage].id, error: reply.error ?? "" }, { replyTo: order });
        break;
      }
      await ctx.send(failed ?? PipelineResult({ trail: current.trail }, { replyTo: order }));
    }
  },
});

/** The same by sending and receiving, stage by stage. */
export const coordinatorByHand = defineKernel({
  id: "coordinator by hand",
  module,
  input: Order,
  output: [PipelineResult, PipelineError],
  async run(ctx) {
    for await (const order of ctx) {
      let current: MessageOf<typeof Order> | MessageOf<typeof Step> = order;
      let failedStage: string | undefined;
      let error = "";
      for (const stage of Object.values(peers)) {
        await ctx.sendTo(stage, current);
        const reply: MessageOf<typeof Step> = await ctx.receiveFrom(stage, soon);
        current = reply;
        if (reply.success) continue;
        failedStage = stage.id;
        error = reply.error ?? "";
        break;
      }
      await ctx.send(
        failedStage === undefined
          ? PipelineResult({ trail: current.trail }, { replyTo: order })
          : PipelineError({ failedStage, error }, { replyTo: order }),
      );
    }
  },
});
