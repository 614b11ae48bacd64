// The kernels of a program that every bundler and every runner of TypeScript has to bring to a thread.
import { body, defineKernel, defineMessage, pipeline } from "@ringline/core";

export const Line = defineMessage("Line", body<{ text: string }>());
const Count = defineMessage("Count", body<{ words: number }>());

export const count = defineKernel({
  id: "count",
  module: import.meta.url,
  input: Line,
  output: Count,
  handle: ({ text }) => Count({ words: text.split(" ").length }),
});

export const lines = pipeline("lines").stage(count, { workers: 2 });
