import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Header } from "./header.js";

/** Whoever waits for the answer to a request, as the kernel that was asked sees it. */
export interface Asker {
  /** The kernel that was asked: only its outputs answer. */
  readonly asked: string;
  /** Who asked, for errors. */
  readonly name: string;
  /** False once the wait is over, by whatever means. */
  readonly waits: boolean;
  /** Offers an output: the first one is taken, or late when the wait was over before; further ones are not answers. */
  answer(message: Header): "taken" | "late" | "further";
  /** Ends the wait with an error, if it is not over. */
  fail(error: AnyRinglineError): void;
}

/** What a message hands on to the messages it causes. Holds no message, so that a chain of causes is not kept alive. */
export interface Lineage {
  readonly asker: Asker;
}

/** Tells whoever asked `kernelId` with this very message, or one it caused, that there will be no answer. */
export function failAsker(lineage: Lineage | undefined, kernelId: string, error: () => AnyRinglineError): void {
  const asker = lineage?.asker;
  if (asker?.asked === kernelId && asker.waits) asker.fail(error());
}
