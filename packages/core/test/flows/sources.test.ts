import { describe, expect, test } from "vitest";
import { pipeline } from "../../src/index.js";
import { N, plus, watched } from "../support/flow-kit.js";
import { codeOf, quiet } from "../support/settling.js";

const line = pipeline("p").stage(plus("a", 0));

describe("a source", () => {
  test("that aborts its own process while it is asked gives back one place, and is told", async () => {
    const flow = await watched().runtime.run(line, { maxInFlight: 4 });
    const abort = new AbortController();
    let returned = 0;
    const source = {
      [Symbol.iterator]: () => ({
        n: 0,
        next() {
          if (this.n === 2) abort.abort();
          return { done: false, value: N({ n: this.n++ }) };
        },
        return() {
          returned++;
          return { done: true, value: undefined };
        },
      }),
    };
    const reading = async () => {
      for await (const _ of flow.process(source as Iterable<N>, { signal: abort.signal }));
    };
    expect(await codeOf(reading)).toBe("ABORTED");
    await flow.drain();
    expect((await flow.telemetry()).inFlight).toBe(0);
    expect(returned).toBe(1);
  });

  test("that answers twice is heard once", async () => {
    const flow = await watched().runtime.run(line);
    let n = 0;
    const twice = {
      [Symbol.asyncIterator]: () => ({
        next: () => ({
          // biome-ignore lint/suspicious/noThenProperty: a thenable that breaks the rules
          then(resolve: (result: unknown) => void) {
            const result = n < 3 ? { done: false, value: N({ n: n++ }) } : { done: true, value: undefined };
            resolve(result);
            resolve(result);
          },
        }),
      }),
    };
    const seen: number[] = [];
    for await (const output of flow.process(twice as unknown as AsyncIterable<N>)) seen.push(output.n);
    expect(seen).toEqual([0, 1, 2]);
    await quiet();
    expect((await flow.telemetry()).inFlight).toBe(0);
  });
});
