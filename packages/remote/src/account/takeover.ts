import { DEAD, DELIVERED, DROPPED, type Frame, QUEUED } from "../ring/frame.js";
import type { Entry } from "./entry.js";
import type { Inbox } from "./inbox.js";
import { difference } from "./port-block.js";

/** Handlers of messages that a lost home may not have reported. */
export interface TakeoverHandlers {
  dropped(entry: Entry): void;
  dead(entry: Entry): void;
}

const orderOf = ({ frame }: Entry) => (frame as Frame).order;
const byTicket = (a: Entry, b: Entry) => difference(a.ticket, b.ticket);
const byOrder = (a: Entry, b: Entry) => (orderOf(a) - orderOf(b)) | 0 || byTicket(a, b);

/**
 * Takes over the unsettled messages of a lost home, each in its state and order; the account must be recovered before.
 */
export function takeOver(inbox: Inbox, left: readonly Entry[], heirs: TakeoverHandlers): void {
  const entries = onceEach(left);
  const at = (place: number) => entries.filter(({ frame }) => frame?.where === place);
  const [dropped, dead, inHand, queued] = [at(DROPPED), at(DEAD), at(DELIVERED), at(QUEUED)];
  const again = queued.filter(({ frame }) => frame?.isRedelivery === true);
  const fresh = queued.filter(({ frame }) => frame?.isRedelivery === false);
  for (const entry of dropped.sort(byTicket)) settleAfter(entry, heirs.dropped);
  for (const entry of dead.sort(byTicket)) settleAfter(entry, heirs.dead);
  for (const entry of inHand.sort(byOrder)) inbox.putInFlight(entry);
  for (const entry of again.sort((a, b) => byOrder(b, a))) inbox.putRedelivery(entry);
  for (const entry of fresh.sort(byTicket)) inbox.put(entry);
}

/** Removes duplicates: a message that the lost home was moving has two equal frames. */
function onceEach(left: readonly Entry[]): readonly Entry[] {
  if (left.every(({ frame }) => frame?.writer === undefined)) return left;
  const seen = new Map<string, Entry>();
  for (const entry of left) {
    const { state, order } = (entry.frame as Frame).mark;
    const key = `${entry.ticket} ${state} ${order}`;
    if (seen.has(key)) entry.settle();
    else seen.set(key, entry);
  }
  return [...seen.values()];
}

function settleAfter(entry: Entry, told: (entry: Entry) => void): void {
  told(entry);
  entry.settle();
}
