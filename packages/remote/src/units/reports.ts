import type { UnitSpec } from "@ringline/core/backend";
import { type AnyMessage, copyMessage, envelopeOf, hasBuffers, type Reports, release } from "@ringline/core/internal";
import type { Channel } from "../calls/channel.js";
import { errorFromWire, errorToWire, type WireError } from "../codec/error-wire.js";

/** Connection of a kernel to the runtime that it runs for. */
export interface ReportLine {
  tell(k: string, fields: object): void;
  readonly channel: Channel;
  /** Key by which the runtime knows a message in flight. */
  keyOf(message: AnyMessage): number | undefined;
}

/** Reports to core of a kernel that runs elsewhere. */
export function remoteReports({ tell, channel, keyOf }: ReportLine): Reports {
  return {
    error: (error) => tell("error", { error: errorToWire(error) }),
    stalled: () => tell("stalled", {}),
    deadLetter(message, error, attempts) {
      tell("deadLetter", { message: parcel(message, channel), error: errorToWire(error), attempts });
      if (hasBuffers) release(message); // the dead letter has its own
    },
    checkpoint: (state, settles) => {
      tell("checkpoint", { state, settles: settles.map(keyOf) });
      return undefined; // what is told comes in order: it is kept before its messages are settled
    },
    checkpointSettled: () => tell("checkpointSettled", {}),
    log: (level, text, fields) => {
      try {
        tell("log", { level, text, fields });
      } catch {
        tell("log", { level, text: `${text} (with fields that cannot travel)` });
      }
    },
  };
}

/** A dead letter may be one because its body cannot travel. */
function parcel(message: AnyMessage, channel: Channel): Uint8Array {
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
