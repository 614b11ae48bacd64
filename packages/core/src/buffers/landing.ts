import type { AnyMessage } from "../messages/any-message.js";
import type { WaitOptions } from "../time/wait-options.js";
import { buffersOf } from "./references.js";
import { hasDevices } from "./shared-buffer.js";

/** True for a message with a buffer whose latest content is on a device alone. */
export function isOnDevice(message: AnyMessage): boolean {
  return hasDevices && buffersOf(message).some(({ side }) => side === "device" || side === "lost");
}

/** Brings all that is on a device alone to the host side. Rejects as `read` does. */
export async function landed(message: AnyMessage, wait: WaitOptions | undefined): Promise<void> {
  await Promise.all(buffersOf(message).map((buffer) => (buffer.side === "host" ? undefined : buffer.read(wait))));
}
