import { type AnyMessage, type SlotsPlan, slotOf } from "@ringline/core/internal";

/** Messages of a batch, grouped by slot. */
export interface SlotOrder {
  /**
   * Pairs of a slot and the offset of its messages, with a final pair for the end; then the indexes of the messages,
   * grouped by slot, in the order of arrival.
   */
  readonly table: Uint32Array<ArrayBuffer>;
  readonly groups: number;
}

/** Maximum bytes of a table. */
export const tableBytes = (messages: number) => (messages + 1) * 8 + messages * 4;

export function slotOrder({ key, slots }: SlotsPlan, messages: readonly AnyMessage[]): SlotOrder {
  const count = messages.length;
  const own = new Float64Array(count); // exact for any pair of slot and index
  for (let i = 0; i < count; i++) {
    own[i] = slotOf((messages[i] as unknown as Record<string, number>)[key] as number, slots) * count + i;
  }
  own.sort();
  const order = new Uint32Array(count);
  const pairs: number[] = [];
  let last = -1;
  for (let place = 0; place < count; place++) {
    const index = (own[place] as number) % count;
    const slot = ((own[place] as number) - index) / count;
    order[place] = index;
    if (slot !== last) pairs.push(slot, place);
    last = slot;
  }
  pairs.push(0, count);
  const table = new Uint32Array(pairs.length + count);
  table.set(pairs);
  table.set(order, pairs.length);
  return { table, groups: pairs.length / 2 - 1 };
}
