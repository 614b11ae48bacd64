import type { ServerResponse } from "node:http";
import type { Tick } from "../watch/model.js";
import type { Observer } from "../watch/observer.js";

/** Maximum bytes that wait for a slow viewer. Beyond it changes are skipped, and the viewer gets the whole state later. */
const MOST_WAITING = 1_000_000;

/** Streams the changes to one viewer, as server-sent events, until its connection ends. */
export function stream(response: ServerResponse, observer: Observer): void {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  response.flushHeaders();
  const told = (tick: Tick) => {
    if (response.writableLength > MOST_WAITING) return observer.renew(told);
    response.write(`data: ${JSON.stringify(tick)}\n\n`);
  };
  const watching = observer.watch(told);
  response.on("close", () => watching[Symbol.dispose]());
}
