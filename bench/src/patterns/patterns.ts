import { graph, type Header, otherwise, pipeline, type Topology } from "@ringline/core";
import type { Stages, Work } from "./stages.js";

type Piece = Header & { readonly n: number };
export type PieceTopology = Topology<Piece, Header, string>;

/** One way of putting kernels together, and what must come out of it. */
export interface Pattern {
  readonly title: string;
  /** `work`: what its stages do for each message. */
  build(stages: Stages, work: Work): PieceTopology;
  /** Outputs for each input · 1. */
  readonly outputs?: number;
  /** Some inputs may be refused or dropped · false. */
  readonly lossy?: boolean;
  /** Asked by `request`, so many at a time, instead of fed by `process`. */
  readonly requests?: number;
  /** · "on"; "polled": read while it runs. */
  readonly telemetry?: "off" | "polled";
  /** Whether it is made of nothing but the kernel of the work, so that a device can run it all. */
  readonly onDevice?: boolean;
}

/** A queue of the slow stage that is soon full. */
const SHORT = 16;

const simple = ({ by }: Stages, work: Work): PieceTopology =>
  pipeline("simple").stage(by[work].as("one")).stage(by[work].as("two")).stage(by[work].as("three"));

function slowStage(backpressure: "block" | "reject" | "drop-oldest"): Pattern["build"] {
  return ({ by, slow }, work) =>
    pipeline(`slow-${backpressure}`).stage(by[work]).stage(slow, { backpressure, queueSize: SHORT });
}

function withWorkers(workers: number): Pattern {
  return {
    title: `a stage of ${workers} ${workers === 1 ? "worker" : "workers"}`,
    build: ({ by }, work) => pipeline(`workers-${workers}`).stage(by[work], { workers }),
  };
}

function withWindow(requests: number): Pattern {
  return {
    title: `one stage, asked by request(), ${requests} at a time`,
    build: ({ by }, work) => pipeline(`window-${requests}`).stage(by[work]),
    requests,
    onDevice: true,
  };
}

const isEven = ({ n }: Piece) => n % 2 === 0;

export const PATTERNS = {
  simple: { title: "three stages in a row", build: simple, onDevice: true },
  coordinator: { title: "three stages, asked by request(), 64 at a time", build: simple, requests: 64, onDevice: true },
  parallel: {
    title: "a stage of three workers, results in order",
    build: ({ by }, work) => pipeline("parallel").stage(by[work], { workers: 3 }),
    onDevice: true,
  },
  "fan-out": {
    title: "each message to two stages",
    build: ({ message, by }, work) =>
      graph("fan-out", message, (input, { merge }) =>
        merge(input.stage(by[work].as("left")), input.stage(by[work].as("right"))),
      ) as PieceTopology,
    outputs: 2,
  },
  "fan-in": {
    title: "each message to one of two stages, then all to one",
    build: ({ message, by }, work) =>
      graph("fan-in", message, (input, { merge }) => {
        const { even, odd } = input.route({ even: isEven, odd: otherwise });
        return merge(even.stage(by[work].as("left")), odd.stage(by[work].as("right"))).stage(by[work].as("all"));
      }) as PieceTopology,
  },
  dag: {
    title: "two branches of each message, joined again",
    build: ({ message, by, pair, joined }, work) =>
      graph("dag", message, (input, { join }) => {
        const first = input.stage(by[work].as("a"));
        const branches = { b: first.stage(by[work].as("b")), c: first.stage(by[work].as("c")) };
        return join(pair as never, branches, { timeout: 60_000 }).stage(joined as never);
      }) as PieceTopology,
  },
  "slow-block": { title: "a slow last stage that blocks when full", build: slowStage("block") },
  "slow-reject": { title: "one that rejects", build: slowStage("reject"), lossy: true },
  "slow-drop-oldest": { title: "one that drops the oldest", build: slowStage("drop-oldest"), lossy: true },
  resilient: {
    title: "one message in ten fails, and is answered with its failure",
    build: ({ by, failing }, work) => pipeline("resilient").stage(by[work]).stage(failing, { onError: "reply" }),
  },
  monitored: { title: "three stages, telemetry read every 50 ms", build: simple, telemetry: "polled" },
  unmonitored: { title: "three stages, telemetry off", build: simple, telemetry: "off" },
  "workers-1": withWorkers(1),
  "workers-2": withWorkers(2),
  "workers-4": withWorkers(4),
  "window-1": withWindow(1),
  "window-16": withWindow(16),
  "window-256": withWindow(256),
} as const satisfies Readonly<Record<string, Pattern>>;

export type PatternName = keyof typeof PATTERNS;
export const patternOf = (name: PatternName): Pattern => PATTERNS[name];
