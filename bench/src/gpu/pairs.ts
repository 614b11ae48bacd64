import { type Summary, summarise } from "../stats/summary.js";

/** One measurement: milliseconds, or whatever else both sides of a pair share. */
export type Measure = () => Promise<number> | number;

/** The ratio of two things that are measured in turns, the order changing from pair to pair. */
export async function ratioOf(subject: Measure, reference: Measure, pairs: number): Promise<Summary> {
  const ratios: number[] = [];
  for (let pair = -2; pair < pairs; pair++) {
    const isFirst = pair % 2 === 0;
    const before = isFirst ? await subject() : await reference();
    const after = isFirst ? await reference() : await subject();
    if (pair >= 0) ratios.push(isFirst ? before / after : after / before);
  }
  return summarise(ratios);
}

/** Milliseconds for each of `times` calls, one after the other. */
export function each(times: number, call: () => Promise<unknown> | unknown): Measure {
  return async () => {
    const begun = performance.now();
    for (let i = 0; i < times; i++) await call();
    return (performance.now() - begun) / times;
  };
}

/** The same with an input for each call, made before the time begins. */
export function eachOf<Input>(times: number, make: () => Input, call: (input: Input) => Promise<unknown>): Measure {
  return async () => {
    const inputs = Array.from({ length: times }, make);
    const begun = performance.now();
    for (const input of inputs) await call(input);
    return (performance.now() - begun) / times;
  };
}
