// npm run bench -- recommend bench/examples/my-pipeline.js
import { body, defineKernel, defineMessage, pipeline } from "@ringline/core";

const Text = defineMessage("Text", body());
const Words = defineMessage("Words", body());
const Score = defineMessage("Score", body());

export const split = defineKernel({
  id: "split",
  module: import.meta.url,
  input: Text,
  output: Words,
  handle: ({ text }) => Words({ words: text.split(" ") }),
});

/** Looks at every pair of words. */
export const score = defineKernel({
  id: "score",
  module: import.meta.url,
  input: Words,
  output: Score,
  handle({ words }) {
    let same = 0;
    for (const a of words) for (const b of words) if (a.endsWith(b.slice(-2))) same++;
    return Score({ same });
  },
});

export default ({ workers }) => pipeline("scores").stage(split).stage(score, { workers });

const text = Array.from({ length: 60 }, (_, i) => `word${i % 17}`).join(" ");
export const sample = Array.from({ length: 200 }, () => Text({ text }));
