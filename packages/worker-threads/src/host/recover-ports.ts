import { AGAIN, ATTEMPTS, Entry, IN_HAND, MESSAGE } from "@ringline/remote";
import type { HostedThread } from "./hosted-thread.js";
import type { SharedPort } from "./shared-port.js";

interface Left {
  readonly entry: Entry;
  readonly isInHand: boolean;
}

/** Takes over what was in the ports of a thread that is lost. Those of which something was in hand. */
export function recoverPorts(
  ports: ReadonlyMap<number, SharedPort>,
  { index, inbound }: HostedThread,
): ReadonlySet<number> {
  const busy = new Set<number>();
  const left = new Map<number, Left[]>();
  for (const port of ports.values()) if (port.block.home === index) left.set(port.id, []);
  for (const [by, reader] of inbound) {
    for (const frame of reader.left()) {
      if (frame.kind !== MESSAGE) continue;
      const entry = new Entry(frame.ticket, frame.flags & 0xff, frame, by, undefined);
      entry.attempts = frame.flags >>> ATTEMPTS;
      const isInHand = frame.state === IN_HAND;
      if (isInHand) busy.add(frame.port);
      left.get(frame.port)?.push({ entry, isInHand });
    }
  }
  for (const [id, entries] of left) {
    entries.sort((a, b) => (a.entry.ticket - b.entry.ticket) | 0);
    adopt(ports.get(id) as SharedPort, entries);
  }
  return busy;
}

function adopt(port: SharedPort, entries: readonly Left[]): void {
  const inbox = port.takeHome();
  port.block.inHand = 0;
  for (const { entry, isInHand } of entries) {
    if (isInHand) inbox.putInHand(entry);
    else if (isAgain(entry)) inbox.putAgain(entry);
    else inbox.put(entry);
  }
}

function isAgain({ frame }: Entry): boolean {
  return frame !== undefined && (frame.flags & AGAIN) !== 0;
}
