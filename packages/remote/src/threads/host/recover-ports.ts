import { Entry } from "../../account/entry.js";
import { SharedAccount } from "../../account/shared-account.js";
import { takeOver } from "../../account/takeover.js";
import type { Endpoint } from "../../endpoint/endpoint.js";
import { DELIVERED } from "../../ring/frame.js";
import type { HostedThread } from "./hosted-thread.js";
import type { SharedPort } from "./shared-port.js";

/**
 * Takes over the ports of a lost thread: completes its recorded transitions, and finds the messages that are queued, in
 * flight, or settled but not reported. Returns the ports with messages in flight.
 */
export function recoverPorts(
  ports: ReadonlyMap<number, SharedPort>,
  { index, inbound }: HostedThread,
  endpoint: Endpoint,
): ReadonlySet<number> {
  const left = new Map<number, Entry[]>();
  for (const port of ports.values()) {
    if (port.block.home !== index) continue;
    left.set(port.id, []);
    new SharedAccount(port.block).recover({
      segment: (log, segment) => inbound.get(log)?.words(segment),
      flow: (flow) => endpoint.origins.wordsOf(flow),
    });
  }
  const shapesOf = (by: number) => inbound.get(by)?.shapes ?? endpoint.shapesOf(by);
  for (const [log, reader] of inbound) {
    for (const frame of reader.left()) {
      if (!frame.isMessage) continue;
      const { ticket, port, flags, writer = log } = frame;
      left.get(port)?.push(new Entry(ticket, flags & 0xff, frame, log, shapesOf(writer), undefined));
    }
  }
  const busy = new Set<number>();
  for (const [id, entries] of left) {
    if (entries.some(({ frame }) => frame?.where === DELIVERED)) busy.add(id);
    adopt(ports.get(id) as SharedPort, entries);
  }
  return busy;
}

function adopt(port: SharedPort, entries: readonly Entry[]): void {
  const inbox = port.takeHome();
  const { emitted } = port;
  for (const { ticket, frame } of entries) {
    if (frame !== undefined && ticket === emitted?.[0]) frame.outputs = Math.max(frame.outputs, emitted[1]);
  }
  const isTold = ({ ticket }: Entry) => ticket === port.reported || port.removed.has(ticket);
  takeOver(inbox, entries, {
    dropped: (entry) => isTold(entry) || port.spec.dropped(inbox.read(entry)),
    dead: (entry) => isTold(entry) || port.onLost(inbox.read(entry), entry.attempts),
  });
}
