import type { MessageOf } from "@ringline/core";
import { createMessage, Memory, Packer } from "@ringline/core/internal";
import { Item } from "./kernels.js";

type Items = readonly MessageOf<typeof Item>[];

const { "~plan": plan, stride } = Item.schema;
const packer = new Packer(plan, stride);
const memory = new Memory(new ArrayBuffer(stride * 10_000));
const { f32, u32 } = memory;

export function packByLayout(items: Items): void {
  packer.pack(items, items.length, memory);
}

export function packByHand(items: Items): void {
  for (let i = 0; i < items.length; i++) {
    const { id, slot, x, y } = items[i] as Items[number];
    const at = i * 4;
    u32[at] = id;
    u32[at + 1] = slot;
    f32[at + 2] = x;
    f32[at + 3] = y;
  }
}

const body = packer.zero();
const unpacked: unknown[] = new Array(10_000);

export function unpackByLayout(count: number): void {
  for (let i = 0; i < count; i++) {
    packer.unpackInto(body, memory, i * stride);
    unpacked[i] = createMessage("Item", body, undefined);
  }
}

/** With the same kind of message at the end, which is not checked again either. */
export function unpackByHand(count: number): void {
  for (let i = 0; i < count; i++) {
    const at = i * 4;
    const made = { id: u32[at], slot: u32[at + 1], x: f32[at + 2], y: f32[at + 3] };
    unpacked[i] = createMessage("Item", made, undefined);
  }
}
