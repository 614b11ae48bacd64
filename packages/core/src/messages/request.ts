import { asRinglineError } from "../errors/as-ringline-error.js";
import type { PeerRoute } from "../seam/routes.js";
import type { Clock } from "../time/clock.js";
import { inTurn, turn } from "../time/turn.js";
import { checkWait, type WaitOptions } from "../time/wait-options.js";
import type { AnyMessage } from "./any-message.js";
import { Ask } from "./ask.js";
import { copyMessage, envelopeOf } from "./envelope.js";
import type { Lineage } from "./lineage.js";

/**
 * Sends a message and waits for its answer, which comes on a lane of its own. The time-out covers both.
 * `asker` names who asks; `parent` is the lineage in whose name, if any.
 */
export async function request(
  route: PeerRoute,
  message: AnyMessage,
  wait: WaitOptions | undefined,
  asker: string,
  parent: Lineage | undefined,
  clock: Clock,
): Promise<AnyMessage> {
  if (wait !== undefined) checkWait(wait, "request", route.id);
  const ask = new Ask(route.id, asker, parent, clock, wait);
  if (!ask.waits) return ask.answered; // whoever asks is about to end
  try {
    const copy = copyMessage(message, { ...envelopeOf(message), lineage: { asker: ask } });
    if (!route.outlet.tryPush(copy)) {
      const failed = (error: unknown) => ask.fail(asRinglineError(error, { kernelId: route.id }));
      route.outlet.push(copy, wait).catch(failed);
    }
  } catch (error) {
    ask.fail(asRinglineError(error, { kernelId: route.id }));
  }
  if (!ask.waits && turn.spend()) return inTurn(ask.answered);
  return ask.answered;
}
