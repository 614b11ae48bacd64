import type { NatsConnection, Subscription } from "@nats-io/transport-node";

/** Milliseconds that a program gets to give a flow up; the absence of one is known immediately. */
const PATIENCE = 2000;

/**
 * Asks the program that runs a flow to give it up. Resolves when it has, or without an answer: that program then
 * notices at its next write.
 */
export async function takeOverFrom(client: NatsConnection, subject: string, flow: string): Promise<void> {
  await client.request(subject, JSON.stringify({ flow }), { timeout: PATIENCE }).catch(() => {});
}

/** Handles requests of other programs for the flow. `giveUp`: resolves when the other program may have it. */
export function onTakeover(
  client: NatsConnection,
  subject: string,
  flow: string,
  giveUp: () => Promise<void>,
): Subscription {
  return client.subscribe(subject, {
    callback: (error, message) => {
      if (error !== null || !isFor(flow, message.data) || !message.reply) return;
      void giveUp().then(() => message.respond());
    },
  });
}

function isFor(flow: string, data: Uint8Array): boolean {
  if (data.length > 4096) return false;
  try {
    const asked = JSON.parse(new TextDecoder().decode(data)) as { readonly flow?: unknown } | null;
    return asked?.flow === flow;
  } catch {
    return false;
  }
}
