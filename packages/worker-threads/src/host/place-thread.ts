import { errors } from "@ringline/core";
import type { ThreadSettings } from "../options.js";
import type { HostedThread } from "./hosted-thread.js";

/** Chooses the thread for a kernel from `threads`; undefined for a new one. Throws `INVALID_ARGUMENT`. */
export function placeThread(
  kernelId: string,
  threads: readonly HostedThread[],
  { placement, threads: most, dedicated }: ThreadSettings,
): HostedThread | undefined {
  if (dedicated.has(kernelId)) return undefined;
  const common = threads.filter(({ isDedicated, worker }) => !isDedicated && !worker.isEnding);
  if (typeof placement === "function") return chosen(kernelId, common, placement);
  if (placement === "pack") return common[0];
  if (common.length < most) return common.find(({ kernels }) => kernels.size === 0);
  return common.reduce((least, one) => (one.kernels.size < least.kernels.size ? one : least));
}

function chosen(
  kernelId: string,
  threads: readonly HostedThread[],
  choose: Exclude<ThreadSettings["placement"], string>,
): HostedThread | undefined {
  const loads = threads.map(({ index, kernels }) => ({ thread: index - 1, kernels: [...kernels.values()] }));
  const choice = choose(kernelId, loads);
  if (choice === "new") return undefined;
  const thread = threads.find(({ index }) => index - 1 === choice);
  if (thread !== undefined) return thread;
  throw new errors.INVALID_ARGUMENT(
    { argument: "placement", value: choice },
    { kernelId, remedy: 'A placement function gives the number of a thread in its list, or "new".' },
  );
}
