import { createRuntime, type Flow, type Header, type Topology } from "@ringline/core";
import { type BackendName, backendOf } from "../backends.js";
import type { Closable, Subject } from "../subject.js";
import type { Cell } from "./cells.js";
import { patternOf } from "./patterns.js";
import { IN_FLIGHT, pieceOf, release } from "./payloads.js";
import { STAGES } from "./stages.js";

/** A running pattern. */
export interface RunningPattern extends Closable {
  /** True where one thread does it all. */
  readonly isAlone: boolean;
  /** Sends messages 0 to `messages` - 1 through. */
  run(messages: number): Promise<Outcome>;
  /** Throws where what it has accepted and what became of it do not add up. */
  check(): Promise<void>;
}

export interface Outcome {
  readonly outputs: number;
  /** Reason of one of the dead letters. */
  readonly failure: string | undefined;
}

type AnyFlow = Flow<Header, Header>;
const POLL = 50;

/** One cell on one backend. */
export function patternOn(backend: BackendName, cell: Cell): Subject<RunningPattern> {
  const title = `${backend}, every option at its default`;
  return { name: backend, title, isAlone: backend === "in-process", open: () => openPattern(backend, cell) };
}

export async function openPattern(
  backend: BackendName,
  { pattern: name, payload, work }: Cell,
): Promise<RunningPattern> {
  const pattern = patternOf(name);
  const runtime = createRuntime({
    backend: await backendOf(backend),
    ...(pattern.telemetry === "off" && { telemetry: false as const }),
  });
  runtime.on("error", () => {}); // what fails on purpose is counted
  const maxInFlight = IN_FLIGHT[payload];
  const topology = pattern.build(STAGES[payload], work) as unknown as Topology<Header, Header, "main">;
  const flow = await runtime.run(topology, maxInFlight === undefined ? {} : { maxInFlight });
  const make = (n: number) => pieceOf(payload, n) as Header;
  return {
    isAlone: backend === "in-process",
    async run(messages) {
      const polling = pattern.telemetry === "polled" ? setInterval(() => void flow.telemetry(), POLL) : undefined;
      try {
        const { requests } = pattern;
        const outputs =
          requests === undefined ? await feed(flow, messages, make) : await ask(flow, messages, requests, make);
        const deadLetters = flow.deadLetters.take();
        for (const { message } of deadLetters) release(message);
        const { stage, error } = deadLetters[0] ?? {};
        return { outputs, failure: error && `${stage}: ${error.message}` };
      } finally {
        clearInterval(polling);
      }
    },
    check: () => checkLedgers(flow),
    close: async () => void (await runtime.dispose()),
  };
}

async function feed(flow: AnyFlow, messages: number, make: (n: number) => Header): Promise<number> {
  const source = function* () {
    for (let n = 0; n < messages; n++) yield make(n);
  };
  let outputs = 0;
  for await (const output of flow.process(source())) {
    outputs++;
    release(output);
  }
  return outputs;
}

async function ask(flow: AnyFlow, messages: number, atOnce: number, make: (n: number) => Header): Promise<number> {
  let next = 0;
  const requester = async () => {
    while (next < messages) release(await flow.request(make(next++)));
  };
  await Promise.all(Array.from({ length: atOnce }, requester));
  return messages;
}

async function checkLedgers(flow: AnyFlow): Promise<void> {
  for (const { stage, ledger } of (await flow.telemetry()).stages) {
    const { accepted, queued, inHand, done, dropped, deadLettered } = ledger.input;
    if (accepted === queued + inHand + done + dropped + deadLettered) continue;
    throw new Error(`the ledger of ${stage} does not add up: ${JSON.stringify(ledger.input)}`);
  }
}
