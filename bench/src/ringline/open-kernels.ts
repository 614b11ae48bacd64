import { createRuntime, type Kernel, type MessageOf } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import type { Line } from "../subject.js";
import { Step } from "./step.js";

type StepMessage = MessageOf<typeof Step>;
export type StepKernel = Kernel<string, StepMessage, StepMessage>;

/** A line of copies of one kernel, linked output to input. All options at their defaults, telemetry included. */
export async function openKernels(kernel: StepKernel, stages: number): Promise<Line> {
  const runtime = createRuntime({ backend: inProcess() });
  const handles = [];
  for (let stage = 1; stage <= stages; stage++) handles.push(await runtime.start(kernel.as(`stage-${stage}`)));
  for (let stage = 1; stage < stages; stage++) await runtime.connect(handles[stage - 1]!, handles[stage]!);
  const first = handles[0]!;
  const last = handles[stages - 1]!;
  return {
    send: (n) => first.send(Step({ n })),
    receive: () => last.receive(),
    close: async () => {
      await runtime.dispose();
    },
  };
}
