import { setTimeout as delay } from "node:timers/promises";
import { type Backend, body, createRuntime, defineKernel, defineMessage } from "@ringline/core";

const Work = defineMessage("Work", body<{ n: number }>());
const Result = defineMessage("Result", body<{ n: number }>());

export const slowStage = defineKernel({
  id: "slow_stage",
  module: import.meta.url,
  input: Work,
  output: Result,
  queueSize: 100,
  backpressure: "block",
  async handle({ n }) {
    await delay(1); // slow work
    return Result({ n });
  },
});

/** 120 messages for a queue of 100, once with each strategy. Activated late, the stage meets them all with a full queue. */
export async function slowStageStrategies(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  for (const backpressure of ["block", "reject", "drop-oldest"] as const) {
    const stage = await runtime.launch(slowStage, { id: `slow_stage_${backpressure}`, backpressure });
    const sends = Array.from({ length: 120 }, (_, n) => stage.send(Work({ n })));
    const settled = Promise.allSettled(sends);
    const { ledger, rejected, dropped } = await stage.telemetry();
    const waiting = sends.length - ledger.input.accepted - rejected;

    await stage.activate();
    const accepted = (await settled).filter(({ status }) => status === "fulfilled").length;
    const results: number[] = [];
    while (results.length < accepted - dropped) results.push((await stage.receive({ timeout: 5000 })).n);
    console.log(`${backpressure}: ${waiting} sends waited, ${rejected} were refused, ${dropped} messages dropped`);
    console.log(`  processed: ${results.length}, from ${results[0]} to ${results.at(-1)}`);
  }
}
