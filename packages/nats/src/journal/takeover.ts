import type { NatsConnection, Subscription } from "@nats-io/transport-node";

/** Milliseconds that a program gets to give a flow up: one that is not there is known at once. */
const PATIENCE = 2000;

/** Asks the program that runs a flow to give it up. Resolves when it has, or nobody answers: then it finds out as it writes. */
export async function takeOverFrom(client: NatsConnection, subject: string, flow: string): Promise<void> {
  await client.request(subject, JSON.stringify({ flow }), { timeout: PATIENCE }).catch(() => {});
}

/** Hears when another program asks for the flow. `recordRefused`: resolves when it may have it. */
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
