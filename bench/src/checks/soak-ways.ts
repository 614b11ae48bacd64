import { createRuntime, isRinglineError, type Ledger, pipeline } from "@ringline/core";
import { type BackendName, backendOf } from "../backends.js";
import type { Closable } from "../subject.js";
import { fails, Piece, soakFirst, soakSecond } from "./soak-kernels.js";

/** The ways of messages from the host through two kernels and back. */
export const SOAK_WAYS = ["flow", "links", "requests"] as const;
export type SoakWay = (typeof SOAK_WAYS)[number];

/** Two kernels that are soaked. */
export interface SoakLine extends Closable {
  /** Sends messages 0 to `count` - 1 of `size` bytes through. Rejects where one is missing or a ledger does not add up. */
  run(count: number, size: number): Promise<void>;
}

/** Requests under way at a time. */
const ASKED_AT_ONCE = 16;

/** Opens two kernels on a backend; one message in ten fails at the first and becomes a dead letter. */
export async function openSoakLine(backend: BackendName, way: SoakWay): Promise<SoakLine> {
  const runtime = createRuntime({ backend: await backendOf(backend) });
  runtime.on("error", () => {}); // the failures are intended, and counted
  const pass = await opener[way](runtime);
  let deadLetters = 0;
  let onLetter = () => {};
  runtime.on("deadLetter", () => {
    deadLetters++;
    onLetter();
  });
  /** The last message may fail after the last output came. */
  const lettersOf = (wanted: number) =>
    new Promise<void>((resolve) => {
      onLetter = () => void (deadLetters >= wanted && resolve());
      onLetter();
    });
  return {
    async run(count, size) {
      const wanted = Array.from({ length: count }, (_, n) => n).filter((n) => !fails(n)).length;
      const outputs = await pass(count, size);
      if (outputs !== wanted) throw new Error(`${way} on ${backend}: ${outputs} outputs, ${wanted} expected`);
      await lettersOf(count - wanted);
      deadLetters = 0;
      const kept = runtime.deadLetters.take().length;
      if (kept !== count - wanted) throw new Error(`${way} on ${backend}: ${kept} dead letters, not ${count - wanted}`);
      for (const [id, { ledger }] of await runtime.telemetry()) checkLedger(id, ledger.input);
    },
    close: async () => void (await runtime.dispose()),
  };
}

type SoakRuntime = ReturnType<typeof createRuntime>;
type Pass = (count: number, size: number) => Promise<number>;

const piece = (n: number, size: number) => Piece({ n, bytes: new Uint8Array(size) });

const opener: Record<SoakWay, (runtime: SoakRuntime) => Promise<Pass>> = {
  async flow(runtime) {
    const flow = await runtime.run(pipeline("soak").stage(soakFirst).stage(soakSecond));
    return async (count, size) => {
      let outputs = 0;
      const source = function* () {
        for (let n = 0; n < count; n++) yield piece(n, size);
      };
      for await (const _ of flow.process(source())) outputs++;
      return outputs;
    };
  },

  async links(runtime) {
    const first = await runtime.start(soakFirst);
    const second = await runtime.start(soakSecond);
    await runtime.connect(first, second);
    return async (count, size) => {
      const sent = (async () => {
        for (let n = 0; n < count; n++) await first.send(piece(n, size));
      })();
      let outputs = 0;
      for (let n = 0; n < count; n++) if (!fails(n) && (await second.receive())) outputs++;
      await sent;
      return outputs;
    };
  },

  async requests(runtime) {
    const first = await runtime.start(soakFirst);
    return async (count, size) => {
      let next = 0;
      let outputs = 0;
      const requester = async () => {
        while (next < count) {
          try {
            await first.request(piece(next++, size));
            outputs++;
          } catch (error) {
            if (!isRinglineError(error, "KERNEL_FAILED")) throw error;
          }
        }
      };
      await Promise.all(Array.from({ length: ASKED_AT_ONCE }, requester));
      return outputs;
    };
  },
};

function checkLedger(id: string, ledger: Ledger): void {
  const { accepted, queued, inHand, done, dropped, deadLettered } = ledger;
  if (accepted === queued + inHand + done + dropped + deadLettered) return;
  throw new Error(`the ledger of ${id} does not add up: ${JSON.stringify(ledger)}`);
}
