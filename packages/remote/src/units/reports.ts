import type { UnitSpec } from "@ringline/core/backend";
import {
  type AnyMessage,
  copyMessage,
  envelopeOf,
  hasBuffers,
  type Reports,
  releaseReferences,
} from "@ringline/core/internal";
import type { Channel } from "../calls/channel.js";
import { errorFromWire, errorToWire, type WireError } from "../codec/error-wire.js";

/** Link of a kernel to its runtime. */
export interface ReportLink {
  send(k: string, fields: object): void;
  readonly channel: Channel;
  /** Key by which the runtime knows a message in flight; called for the messages of a checkpoint. */
  keyOf(message: AnyMessage): number | undefined;
}

/**
 * Sends the reports of a kernel to its runtime in another place. A dead letter is reported after its message is settled,
 * and travels with its buffers, which are released here afterwards.
 */
export function remoteReports({ send, channel, keyOf }: ReportLink): Reports {
  return {
    error: (error) => send("error", { error: errorToWire(error) }),
    stalled: (peer) => send("stalled", { peer }),
    deadLetter(message, error, attempts) {
      send("deadLetter", { message: payloadOf(message, channel), error: errorToWire(error), attempts });
      if (hasBuffers) releaseReferences(message); // the dead letter has its own references
    },
    checkpoint: (state, settles) => {
      send("checkpoint", { state, settles: settles.map(keyOf) });
      return undefined; // controls arrive in order: the state is saved before its messages are settled
    },
    checkpointSettled: () => send("checkpointSettled", {}),
    log: (level, text, fields) => {
      try {
        send("log", { level, text, fields });
      } catch {
        send("log", { level, text: `${text} (with fields that cannot travel)` });
      }
    },
  };
}

/** Packs a dead letter, without its body if the body cannot be sent. */
function payloadOf(message: AnyMessage, channel: Channel): Uint8Array {
  try {
    return channel.pack(message);
  } catch {
    return channel.pack(copyMessage(message, envelopeOf(message), {}));
  }
}

/** Handlers at the runtime for these reports, by kind. `messageOf`: the message in flight with a key. */
export function reportsOf(
  { reports }: UnitSpec,
  channel: Channel,
  messageOf: (key: number) => AnyMessage | undefined,
): Readonly<Record<string, (control: never) => void>> {
  return {
    error: ({ error }: { error: WireError }) => reports.error(errorFromWire(error), undefined),
    stalled: ({ peer }: { peer?: string }) => reports.stalled(peer),
    deadLetter: ({ message, error, attempts }: { message: Uint8Array; error: WireError; attempts: number }) =>
      reports.deadLetter(channel.open(message), errorFromWire(error), attempts),
    checkpoint: ({ state, settles }: { state: unknown; settles: readonly number[] }) => {
      const messages = settles.map(messageOf).filter((message) => message !== undefined);
      void reports.checkpoint(state, messages);
    },
    checkpointSettled: () => reports.checkpointSettled?.(),
    log: ({ level, text, fields }: { level: "info"; text: string; fields?: object }) =>
      reports.log(level, text, fields),
  };
}
