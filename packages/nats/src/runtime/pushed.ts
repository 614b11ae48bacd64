import type { WaitOptions } from "@ringline/core";
import { type AnyMessage, hasBuffers, type Outlet, release } from "@ringline/core/backend";

/** Brings on what came from a host, which gives up its buffers where nobody takes it. */
export async function pushed(
  outlet: Pick<Outlet, "tryPush" | "push">,
  message: AnyMessage,
  wait: WaitOptions,
): Promise<void> {
  try {
    if (!outlet.tryPush(message)) await outlet.push(message, wait);
  } catch (error) {
    if (hasBuffers) release(message);
    throw error;
  }
}
