import { createRuntime, type MessageOf } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { Step } from "../ringline/step.js";
import type { Line, Subject } from "../subject.js";
import { AnswerWindow } from "./answer-window.js";
import { handleStage } from "./ringline-handle.js";

/** The handle body again, asked by `request`: each answer is matched to its question. */
export const ringlineRequest: Subject = {
  name: "ringline-request",
  title: "kernel with a handle body, asked by request()",
  singleStage: true,
  async open(): Promise<Line> {
    const runtime = createRuntime({ backend: inProcess() });
    const handle = await runtime.start(handleStage);
    const outstanding = new AnswerWindow<MessageOf<typeof Step>>();
    return {
      send: (n) => outstanding.push(handle.request(Step({ n }))),
      receive: () => outstanding.shift(),
      close: async () => {
        await runtime.dispose();
      },
    };
  },
};
