import { asRinglineError, isRinglineError } from "../errors/ringline-error.js";
import { type AnyMessage, expiryOf } from "../messages/any-message.js";
import { copyMessage, envelopeOf } from "../messages/envelope.js";
import { PendingRequest, type RequestCause } from "../messages/pending-request.js";
import type { PeerRoute } from "../seam/routes.js";
import type { Clock } from "../time/clock.js";
import { afterTurn, turn } from "../time/turn.js";
import { checkWait, type WaitOptions } from "../time/wait-options.js";

/**
 * Sends a request and waits for its answer, which does not pass the output port of the responder. The time-out covers
 * both, and is the deadline of the message and of what it causes. `requester`: its name; `parent`: the lineage and
 * deadline that the request inherits.
 */
export async function request(
  route: PeerRoute,
  message: AnyMessage,
  wait: WaitOptions | undefined,
  requester: string,
  parent: RequestCause,
  clock: Clock,
): Promise<AnyMessage> {
  if (wait !== undefined) checkWait(wait, "request", route.id);
  const ask = new PendingRequest(route.id, requester, parent, clock, wait, message.type);
  if (!ask.waits) return ask.answered; // the requester is about to end
  try {
    const copy = copyMessage(message, {
      ...envelopeOf(message),
      lineage: { requester: ask },
      // a time-out of 0 tries once, and is no deadline of the message
      expiresAt: wait?.timeout === 0 ? expiryOf(message) : Math.min(expiryOf(message), ask.expiresAt),
    });
    if (!route.outlet.tryPush(copy)) {
      const failed = (error: unknown) => {
        if (isRinglineError(error, "TIMEOUT")) ask.expire();
        else ask.fail(asRinglineError(error, { kernelId: route.id }));
      };
      route.outlet.push(copy, ask.isEndless ? wait : { ...wait, timeout: ask.remaining }).catch(failed);
    }
  } catch (error) {
    ask.fail(asRinglineError(error, { kernelId: route.id }));
  }
  if (!ask.waits && turn.spend()) return afterTurn(ask.answered);
  return ask.answered;
}
