import { createRuntime } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import type { StepKernel } from "../ringline/open-kernels.js";
import { Step } from "../ringline/step.js";
import type { Line, Subject } from "../subject.js";
import { echoBatches, echoHandle, echoRun } from "./kernels.js";

/** A kernel on one thread, with every option at its default. */
function subject(name: string, title: string, kernel: StepKernel): Subject {
  return {
    name,
    title,
    singleStage: true,
    async open(): Promise<Line> {
      const runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
      const handle = await runtime.start(kernel);
      return {
        send: (n) => handle.send(Step({ n })),
        receive: () => handle.receive(),
        close: async () => {
          await runtime.dispose();
        },
      };
    },
  };
}

export const threadRun = subject("thread-run", "kernel with a run body: for await, awaited send", echoRun);
export const threadHandle = subject("thread-handle", "kernel with a handle body", echoHandle);
export const threadBatches = subject("thread-batches", "kernel that takes and sends batches", echoBatches);
