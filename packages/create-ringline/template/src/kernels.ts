import { body, defineKernel, defineMessage, pipeline } from "@ringline/core";

export const Line = defineMessage("Line", body<{ text: string }>());
export const Words = defineMessage("Words", body<{ words: string[] }>());
export const Count = defineMessage("Count", body<{ count: number; longest: string }>());

// Exported, with `module`: so a thread can load them from this file.
export const split = defineKernel({
  id: "split",
  module: import.meta.url,
  input: Line,
  output: Words,
  handle({ text }) {
    const words = text.split(/\s+/).filter((word) => word !== "");
    return words.length === 0 ? undefined : Words({ words }); // an empty line has no result
  },
});

export const count = defineKernel({
  id: "count",
  module: import.meta.url,
  input: Words,
  output: Count,
  handle({ words }) {
    const longest = words.reduce((one, other) => (other.length > one.length ? other : one));
    return Count({ count: words.length, longest });
  },
});

export const lines = pipeline("lines").stage(split).stage(count, { workers: 2 });
