import type { AnyMessage } from "../../src/messages/any-message.js";
import { body } from "../../src/messages/body.js";
import { defineMessage } from "../../src/messages/define-message.js";
import type { HeaderOptions } from "../../src/messages/header.js";

export const Numbered = defineMessage("Numbered", body<{ n: number }>());

/** A message as ports see it. */
export function numbered(n: number, header?: HeaderOptions): AnyMessage {
  return Numbered({ n }, header) as unknown as AnyMessage;
}

export const numberOf = (message: unknown): number => (message as { n: number }).n;
