// A dependency that is typed as CommonJS, whose kernels an ES module program runs.
import core = require("@ringline/core");
import inProcess = require("@ringline/in-process");

const { body, createRuntime, defineKernel, defineMessage, pipeline } = core;

export const Word = defineMessage("Word", body<{ text: string }>());
export const upper = defineKernel({
  id: "upper",
  input: Word,
  output: Word,
  handle: ({ text }) => Word({ text: text.toUpperCase() }),
});
export const line = pipeline("upper").stage(upper);
export const start = (): core.Runtime => createRuntime({ backend: inProcess.inProcess() });
export const backend: core.Backend = inProcess.inProcess();
export type Handle = core.HandleOf<typeof upper>;
