import type { Aggregate, Firing, Key, Pane, Panes } from "./pane.js";
import { TimeQueue } from "./time-queue.js";
import type { SessionWindow } from "./window.js";

/** Open sessions: an event extends a session of its key, connects two of them, or begins one. */
export class SessionPanes<E, A> implements Panes<E, A> {
  readonly #gap: number;
  readonly #firing: Firing;
  readonly #aggregate: Aggregate<E, A>;
  /** Sessions of each key, apart from each other, in the order of time. */
  readonly #sessions = new Map<Key, Pane<A>[]>();
  /** Sessions by the watermark at which they fire or are removed. A session that was extended since is put back. */
  readonly #due = new TimeQueue<Pane<A>>();
  #watermark = Number.NEGATIVE_INFINITY;

  constructor({ gap }: SessionWindow, firing: Firing, aggregate: Aggregate<E, A>) {
    this.#gap = gap;
    this.#firing = firing;
    this.#aggregate = aggregate;
  }

  isLate(key: Key, time: number): boolean {
    return this.#isClosed(time + this.#gap) && this.#touched(key, time).length === 0;
  }

  add(key: Key, time: number, event: E): readonly Pane<A>[] {
    const { add, initial, merge } = this.#aggregate;
    const touched = this.#touched(key, time);
    const before = touched.length === 0 ? initial() : touched.map(({ value }) => value).reduce(merge);
    const value = add(before, event); // last of what can throw
    const [session] = touched.length > 0 ? touched : [this.#begin(key, time, value)];
    const pane = session as Pane<A>;
    const others = touched.slice(1);
    if (others.length > 0) this.#remove(key, others);
    pane.value = value;
    pane.from = Math.min(pane.from, time);
    pane.to = Math.max(time + this.#gap, ...touched.map(({ to }) => to));
    pane.count += 1 + others.reduce((sum, { count }) => sum + count, 0);
    pane.fired = Math.max(pane.fired, ...others.map(({ fired }) => fired));
    return pane.to <= this.#watermark || pane.count % this.#firing.early === 0 ? [pane] : [];
  }

  advance(watermark: number): readonly Pane<A>[] {
    this.#watermark = watermark;
    const passed: Pane<A>[] = [];
    for (let entry = this.#due.take(watermark); entry !== undefined; entry = this.#due.take(watermark)) {
      const { at, item } = entry;
      if (!this.#sessions.get(item.key)?.includes(item)) continue;
      if (item.to > watermark) this.#due.add(item.to, item);
      else {
        if (at <= item.to) passed.push(item);
        if (this.#isClosed(item.to)) this.#remove(item.key, [item]);
        else this.#due.add(item.to + this.#firing.lateness, item);
      }
    }
    return passed.sort((a, b) => a.to - b.to);
  }

  save(): Pane<A>[] {
    return [...this.#sessions.values()].flat().map((pane) => ({ ...pane }));
  }

  restore(panes: readonly Pane<A>[], watermark: number): void {
    this.#watermark = watermark;
    for (const saved of panes) {
      const pane = { ...saved };
      const sessions = this.#sessions.get(pane.key);
      if (sessions === undefined) this.#sessions.set(pane.key, [pane]);
      else sessions.push(pane);
      this.#due.add(pane.to <= watermark ? pane.to + this.#firing.lateness : pane.to, pane);
    }
  }

  /** Sessions that an event of this time belongs to: one, two that it connects, or none. */
  #touched(key: Key, time: number): Pane<A>[] {
    const sessions = this.#sessions.get(key);
    if (sessions === undefined) return [];
    return sessions.filter(({ from, to }) => time < to && from < time + this.#gap);
  }

  #begin(key: Key, time: number, value: A): Pane<A> {
    const pane: Pane<A> = { key, from: time, to: time + this.#gap, value, count: 0, fired: 0 };
    const sessions = this.#sessions.get(key);
    if (sessions === undefined) this.#sessions.set(key, [pane]);
    else {
      const at = sessions.findIndex(({ from }) => from > time);
      sessions.splice(at < 0 ? sessions.length : at, 0, pane);
    }
    this.#due.add(pane.to, pane);
    return pane;
  }

  #remove(key: Key, panes: readonly Pane<A>[]): void {
    const left = this.#sessions.get(key)?.filter((pane) => !panes.includes(pane)) ?? [];
    if (left.length === 0) this.#sessions.delete(key);
    else this.#sessions.set(key, left);
  }

  #isClosed(to: number): boolean {
    return to + this.#firing.lateness <= this.#watermark;
  }
}
