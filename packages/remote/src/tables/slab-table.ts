import { type SharedBuffer, Slab, slabs } from "@ringline/core/internal";
import type { Wire } from "../endpoint/wire.js";

/** Announces a slab to another thread, or the end of its use. */
export interface SlabEvent {
  readonly slab: number;
  /** Missing if the slab is no longer used. */
  readonly memory?: ArrayBufferLike;
  /** True if the sender of the event created the slab. */
  readonly isOwn?: boolean;
}

/** Slabs of buffers sent between this thread and others; announced over the wires, as the memory of logs is. */
export class SlabTable {
  readonly #known = new Map<number, Slab>();
  readonly #own = new Set<number>();
  /** On the host: the thread that created each slab. */
  readonly #makers = new Map<number, number>();
  readonly #announced = new Map<Wire, Set<number>>();
  readonly #stop = slabs.onForget((id) => this.#forget(id));

  /** All known slabs. */
  get all(): Iterable<Slab> {
    return this.#known.values();
  }

  get(id: number): Slab | undefined {
    return this.#known.get(id);
  }

  /** Announces the slabs of buffers, so that their reader knows them before the message. */
  announce(wire: Wire, buffers: readonly SharedBuffer[]): void {
    let told = this.#announced.get(wire);
    if (told === undefined) {
      told = new Set();
      this.#announced.set(wire, told);
    }
    for (const { slab } of buffers) {
      if (told.has(slab.id)) continue;
      told.add(slab.id);
      if (!this.#known.has(slab.id)) this.#own.add(slab.id);
      this.#known.set(slab.id, slab);
      const news: SlabEvent = { slab: slab.id, memory: slab.memory, isOwn: this.#own.has(slab.id) };
      wire.post(news);
    }
  }

  learn({ slab, memory, isOwn }: SlabEvent, by: number): void {
    if (memory === undefined) this.#forget(slab);
    else if (!this.#known.has(slab)) this.#known.set(slab, new Slab(slab, memory));
    if (isOwn) this.#makers.set(slab, by);
  }

  /** Forgets and returns the unreferenced slabs of threads that have ended: no thread will use them again. */
  abandoned(isThere: (maker: number) => boolean): readonly number[] {
    const ids = [...this.#makers].filter(([id, maker]) => !isThere(maker) && this.#known.get(id)?.references === 0);
    for (const [id] of ids) this.#forget(id);
    return ids.map(([id]) => id);
  }

  #forget(id: number): void {
    this.#known.delete(id);
    this.#own.delete(id);
    this.#makers.delete(id);
    const news: SlabEvent = { slab: id };
    for (const [wire, told] of this.#announced) if (told.delete(id)) wire.post(news);
  }

  disconnect(wire: Wire): void {
    this.#announced.delete(wire);
  }

  close(): void {
    this.#stop();
  }
}
