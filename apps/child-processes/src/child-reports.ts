import { type AnyMessage, errorToWire, type Reports, systemClock } from "@ringline/remote";
import type { ChildInlet } from "./child-inlet.js";
import type { HostLine } from "./host-line.js";
import { type Book, NO_BODY, toWire, type WireMessage } from "./wire-message.js";

/** What the kernel tells core. */
export function childReports(line: HostLine, book: Book, inlet: ChildInlet): Reports {
  return {
    error: (error) => line.tell("error", { error: errorToWire(error) }),
    stalled: () => line.tell("stalled"),
    deadLetter: (message, error, attempts) =>
      line.tell("deadLetter", { message: parcel(message, book), error: errorToWire(error), attempts }),
    checkpoint(state, settles) {
      line.tell("checkpoint", { state, settles: settles.map((message) => inlet.idOf(message)) });
      return undefined; // what is told comes in order: it is kept before its messages are settled
    },
    log: (level, text, fields) => {
      try {
        line.tell("log", { level, text, fields });
      } catch {
        line.tell("log", { level, text: `${text} (with fields that cannot travel)` });
      }
    },
  };
}

/** A dead letter may be one because its body cannot travel. */
function parcel(message: AnyMessage, book: Book): WireMessage {
  try {
    return toWire(message, book, systemClock);
  } catch {
    return toWire(message, book, systemClock, NO_BODY);
  }
}
