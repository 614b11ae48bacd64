import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { backends, oneThread } from "../src/backends.js";
import { patterns } from "../src/patterns/patterns.js";
import { loadedKernels } from "./with-kernels.js";

/** Expected output of each pattern, line by line. */
const prints: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  "simple-pipeline": [
    "written out, carried by hand: 0.5",
    "  caused by the preprocessed message: true",
    "loops over messages, linked: 0.5",
    "functions of one message, linked: 0.5",
  ],
  coordinator: [
    '" 4 " gives 0.25',
    '"four" failed in stage2: "four" is not a number',
    "(stage3 threw: RangeError: cannot divide by zero)",
    '"0" failed in stage3: cannot divide by zero',
  ],
  "parallel-pipelines": [
    "row 0: 0.37 from compute_0",
    "row 1: 0.40 from compute_1",
    "row 2: 0.43 from compute_2",
    "row 3: 0.47 from compute_0",
    "row 4: 0.50 from compute_1",
    "row 5: 0.53 from compute_2",
    "row 6: 0.57 from compute_0",
    "row 7: 0.60 from compute_1",
    "row 8: 0.63 from compute_2",
  ],
  distributor: ["worker_0: 1² = 1, 4² = 16", "worker_1: 2² = 4, 5² = 25", "worker_2: 3² = 9, 6² = 36"],
  aggregator: ["10 results, total 450", "10 results, total 1450", "5 results, total 1100, flushed by the time-out"],
  diamond: ['9 words, the longest is "stage"', '4 words, the longest is "silently"'],
  "slow-stage": [
    "block: 20 sends waited, 0 were refused, 0 messages dropped",
    "  processed: 120, from 0 to 119",
    "reject: 0 sends waited, 20 were refused, 0 messages dropped",
    "  processed: 100, from 0 to 99",
    "drop-oldest: 0 sends waited, 0 were refused, 20 messages dropped",
    "  processed: 100, from 20 to 119",
  ],
  "resilient-stage": [
    'resilient_stage: {"a":1}',
    "resilient_stage failed: SyntaxError",
    "resilient_stage: [2]",
    "still active",
  ],
  monitoring: ["stage1:", "stage2:", "stage3:"].flatMap((stage) => [
    stage,
    /^ {2}throughput: [1-9]\d*\.\d msg\/s$/,
    "  processed: 1000",
    /^ {2}queued: 0, waited \d+\.\d\d ms at p99$/,
  ]),
};

const log = vi.spyOn(console, "log");
const complaints = vi.spyOn(console, "error");
beforeEach(() => {
  log.mockReset().mockReturnValue();
  complaints.mockReset().mockReturnValue();
});
afterEach(() => {
  expect(complaints).not.toHaveBeenCalled();
});

test("every pattern has its expectation", () => {
  expect(patterns.map(({ name }) => name)).toEqual(Object.keys(prints));
});

const places = [
  ...oneThread.map((name) => [name, backends[name]!()] as const),
  ["kernels loaded by module", loadedKernels()] as const,
];

describe.each(places)("on %s", (_, backend) => {
  test.each(patterns.map((pattern) => [pattern.name, pattern] as const))("%s", async (name, { run }) => {
    await run(backend);
    const lines = log.mock.calls.map(([line]) => String(line));
    expect(lines).toHaveLength(prints[name]!.length);
    for (const [i, expected] of prints[name]!.entries()) {
      if (typeof expected === "string") expect(lines[i]).toBe(expected);
      else expect(lines[i]).toMatch(expected);
    }
  });
});
