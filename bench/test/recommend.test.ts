import { describe, expect, it } from "vitest";
import { UsageError } from "../src/cli/usage-error.js";
import { loadProgram } from "../src/recommend/load-program.js";
import { recommend } from "../src/recommend/recommend.js";
import { renderRecommendation } from "../src/recommend/render-recommendation.js";
import type { Found, Way } from "../src/recommend/trial.js";
import { tryWays } from "../src/recommend/try-ways.js";

const example = new URL("../examples/my-pipeline.js", import.meta.url).pathname;

function found(way: Partial<Way>, perSecond: number, more: Partial<Found> = {}): Found {
  return {
    way: { backend: "in-process", threads: null, workers: null, inFlight: null, ...way },
    perSecond,
    cpu: 10,
    p50: 1,
    p99: 2,
    outputs: 1,
    bottleneck: null,
    longest: { stage: "parse", time: 0.05 },
    adapter: null,
    ...more,
  };
}

const threads = (count: number, perSecond: number) => found({ backend: "worker-threads", threads: count }, perSecond);

describe("recommend", () => {
  it("takes threads that are worth it, as few as will do, and says why", () => {
    const advice = recommend({
      found: [found({}, 1000), threads(1, 900), threads(2, 2900), threads(4, 3000)],
      refused: [],
    });
    expect(advice?.way).toMatchObject({ backend: "worker-threads", threads: 2 });
    expect(advice?.reasons.join(" ")).toMatch(/in-process does 1\.00 K.*2\.90 times fewer/);
    expect(advice?.reasons.join(" ")).toContain("give it workers");
  });

  it("stays in process where threads bring little", () => {
    const advice = recommend({ found: [found({}, 1000), threads(2, 1080)], refused: [] });
    expect(advice?.way).toMatchObject({ backend: "in-process" });
    expect(advice?.reasons.join(" ")).toContain("too little more");
  });

  it("takes the fewest at once that are nearly as fast", () => {
    const sizes = [1, 16, 128].map((inFlight) => found({ inFlight }, inFlight === 1 ? 200 : 1000));
    expect(recommend({ found: [found({}, 1020), ...sizes], refused: [] })?.way.inFlight).toBe(16);
  });

  it("says nothing about a GPU from a software adapter, nor where nothing runs on a device", () => {
    const device = (adapter: Found["adapter"]) => found({ backend: "webgpu" }, 9000, { adapter });
    const software = recommend({ found: [found({}, 1000), device({ name: "Swift", isSoftware: true })], refused: [] });
    expect(software?.way.backend).toBe("in-process");
    expect(software?.reasons.join(" ")).toContain("software");
    expect(recommend({ found: [found({}, 1), device(null)], refused: [] })?.reasons.join(" ")).toContain(
      "nothing in this pipeline",
    );
    expect(
      recommend({ found: [found({}, 1000), device({ name: "GPU", isSoftware: false })], refused: [] })?.way.backend,
    ).toBe("webgpu");
  });

  it("has nothing to say where no way works", () => {
    const refused = [{ way: found({}, 0).way, why: "it cannot be copied" }];
    expect(recommend({ found: [], refused })).toBeUndefined();
    expect(renderRecommendation({ found: [], refused }, undefined)).toContain("it cannot be copied");
  });
});

describe("recommend, on a program", () => {
  it("runs the example on the event loop, and recommends it", async () => {
    const program = await loadProgram(example);
    expect(program.takesWorkers).toBe(true);
    const tried = await tryWays(program, { backends: ["in-process"], duration: 20, rounds: 2, onProgress: () => {} });
    expect(tried.refused).toEqual([]);
    expect(tried.found.map(({ outputs }) => outputs)).toEqual([1, 1, 1, 1, 1]);
    expect(renderRecommendation(tried, recommend(tried))).toContain("Take in-process");
  });

  it.each(["nothing.js", "../package.json", "fake-line.ts"])("refuses %s", async (file) => {
    await expect(loadProgram(file)).rejects.toThrow(UsageError);
  });
});
