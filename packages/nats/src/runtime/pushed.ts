import type { WaitOptions } from "@ringline/core";
import type { Outlet } from "@ringline/core/backend";
import { type AnyMessage, hasBuffers, release } from "@ringline/core/internal";

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
