import {
  type Backend,
  body,
  createRuntime,
  defineKernel,
  defineMessage,
  isRinglineError,
  pipeline,
} from "@ringline/core";

const Frame = defineMessage("Frame", body<{ n: number }>());

export const decode = defineKernel({
  id: "decode",
  module: import.meta.url,
  input: Frame,
  output: Frame,
  queueSize: 4,
  handle: (frame) => frame,
});

export const slowStage = defineKernel({
  id: "slow_stage",
  module: import.meta.url,
  input: Frame,
  output: Frame,
  queueSize: 4,
  async handle(frame) {
    await new Promise((done) => setTimeout(done, 1)); // slow work
    return frame;
  },
});

export const video = pipeline("video").stage(decode).stage(slowStage);
export const live = pipeline("live").stage(slowStage, { backpressure: "drop-oldest" });
export const refusing = pipeline("refusing").stage(slowStage, { backpressure: "reject" });

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });

  // block, the default: the source is pulled as fast as the slowest stage goes
  await using flow = await runtime.run(video);
  let pulled = 0;
  let furthest = 0;
  function* endless() {
    for (;;) yield Frame({ n: pulled++ });
  }
  for await (const { n } of flow.process(endless())) {
    furthest = Math.max(furthest, pulled - n);
    if (n === 100) break;
  }
  console.log(`${video.name}: the source was never more than 20 frames ahead: ${furthest <= 20}`);

  for (const topology of [live, refusing]) {
    await using full = await runtime.run(topology);
    await full.pause(); // so that no message is processed until all ten are sent
    const sends = await Promise.allSettled(Array.from({ length: 10 }, (_, n) => full.send(Frame({ n }))));
    const refused = sends.filter((sent) => sent.status === "rejected" && isRinglineError(sent.reason, "QUEUE_FULL"));
    const { stages } = await full.telemetry();
    await full.resume();
    const seen: number[] = [];
    while (seen.length < 4) seen.push((await full.receive({ timeout: 5000 })).n);
    console.log(`${topology.name}: ${refused.length} refused, ${stages[0]?.dropped} dropped, left ${seen}`);
  }
}
