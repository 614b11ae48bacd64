import type { Settings } from "../options.js";
import type { Health } from "./health.js";
import { Host, type HostOptions } from "./host.js";
import { ThreadedHost } from "./threaded-host.js";

/** A host that the command runs, here or on a thread. */
export interface AnyHost {
  readonly name: string;
  health(): Promise<Health>;
  leave(grace: number): Promise<void>;
}

/** The hosts of one process: with `threads` one on each, else one on the event loop of the process. */
export async function startHosts(
  settings: Settings,
  options: HostOptions,
  threads: number,
  tell: (text: string) => void,
): Promise<AnyHost[]> {
  if (threads > 0) {
    return Promise.all(Array.from({ length: threads }, () => ThreadedHost.start({ settings, options }, tell)));
  }
  const host = await Host.start(settings, options, tell);
  return [{ name: host.name, health: async () => host.health, leave: (grace) => host.leave(grace) }];
}
