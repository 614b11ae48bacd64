import { type AnyMessage, type SlotsPlan, slotOf } from "@ringline/core/backend";

/** Messages in the order of their slots, those of one slot as they came. */
export interface SlotOrder {
  /** By message: its place on the device. */
  readonly places: Int32Array;
  /** Pairs of a slot and the place where its messages begin; the last pair is the end. */
  readonly table: Uint32Array<ArrayBuffer>;
  readonly groups: number;
}

export function slotOrder({ key, slots }: SlotsPlan, messages: readonly AnyMessage[]): SlotOrder {
  const count = messages.length;
  const own = new Float64Array(count); // exact for any pair of slot and index
  for (let i = 0; i < count; i++) {
    own[i] = slotOf((messages[i] as unknown as Record<string, number>)[key] as number, slots) * count + i;
  }
  own.sort();
  const places = new Int32Array(count);
  const table: number[] = [];
  let last = -1;
  for (let place = 0; place < count; place++) {
    const index = (own[place] as number) % count;
    const slot = ((own[place] as number) - index) / count;
    places[index] = place;
    if (slot !== last) table.push(slot, place);
    last = slot;
  }
  table.push(0, count);
  return { places, table: Uint32Array.from(table), groups: table.length / 2 - 1 };
}
