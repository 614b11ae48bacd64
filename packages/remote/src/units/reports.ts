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

/** Connection of a kernel to the runtime that it runs for. */
export interface ReportLink {
  send(k: string, fields: object): void;
  readonly channel: Channel;
  /** Key by which the runtime knows a message in flight. */
  keyOf(message: AnyMessage): number | undefined;
}

/** Reports to core of a kernel that runs elsewhere. */
export function remoteReports({ send, channel, keyOf }: ReportLink): Reports {
  return {
    error: (error) => send("error", { error: errorToWire(error) }),
    stalled: () => send("stalled", {}),
    deadLetter(message, error, attempts) {
      send("deadLetter", { message: payloadOf(message, channel), error: errorToWire(error), attempts });
      if (hasBuffers) releaseReferences(message); // the dead letter has its own
    },
    checkpoint: (state, settles) => {
      send("checkpoint", { state, settles: settles.map(keyOf) });
      return undefined; // what is told comes in order: it is kept before its messages are settled
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

/** A dead letter may be one because its body cannot travel. */
function payloadOf(message: AnyMessage, channel: Channel): Uint8Array {
  try {
    return channel.pack(message);
  } catch {
    return channel.pack(copyMessage(message, envelopeOf(message), {}));
  }
}

/** The same where the runtime hears it, by kind. `messageOf`: what of this key is in hand. */
export function reportsOf(
  { reports }: UnitSpec,
  channel: Channel,
  messageOf: (key: number) => AnyMessage | undefined,
): Readonly<Record<string, (control: never) => void>> {
  return {
    error: ({ error }: { error: WireError }) => reports.error(errorFromWire(error), undefined),
    stalled: () => reports.stalled(),
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
