import type { Shape } from "../codec/shapes.js";
import { HOST, type Link } from "./link.js";

/** Data about a thread that has ended. */
interface FormerLink {
  readonly shapes: readonly Shape[];
  /** Number of frames that the thread had published here. */
  readonly published: number;
}

/** Maximum number of ended threads that are remembered; received messages keep their shapes in any case. */
const MOST_FORMER = 64;

/** The links of a thread, and the shapes of ended threads, whose messages may still be here. */
export class Links {
  readonly #links = new Map<number, Link>();
  #list: readonly Link[] = [];
  /** The link to which a message was sent last. */
  #latest: Link | undefined;
  /** Published length of each log, in the order of the list. */
  #tails: number[] = [];
  /** Number of announcements made in each wire before those lengths were published. */
  #announced: number[] = [];
  readonly #former = new Map<number, FormerLink>();

  get list(): readonly Link[] {
    return this.#list;
  }
  get host(): Link {
    return this.#links.get(HOST) as Link;
  }

  get(index: number): Link | undefined {
    return this.#links.get(index);
  }
  /** The link for messages to a thread: that of the host if the thread has ended. */
  to(home: number): Link {
    const latest = this.#latest;
    if (latest !== undefined && latest.index === home) return latest;
    this.#latest = this.#links.get(home) ?? this.host;
    return this.#latest;
  }

  /** Called when a log has allocated a segment. */
  onGrown: () => void = () => {};

  add(link: Link): void {
    link.writer.onGrown = () => this.onGrown();
    this.#links.set(link.index, link);
    this.#changed();
  }

  delete({ index, shapes, reader }: Link): void {
    this.#former.set(index, { shapes, published: reader.published });
    for (const oldest of this.#former.keys()) {
      if (this.#former.size <= MOST_FORMER) break;
      this.#former.delete(oldest);
    }
    this.#links.delete(index);
    this.#latest = undefined;
    this.#changed();
  }

  /** Shapes of the messages of another thread, also of an ended one. */
  shapesOf(index: number): readonly Shape[] {
    return this.#links.get(index)?.shapes ?? this.#former.get(index)?.shapes ?? [];
  }

  /** Number of frames that a thread has published here, also of an ended one. */
  publishedBy(index: number): number | undefined {
    return this.#links.get(index)?.reader.published ?? this.#former.get(index)?.published;
  }

  /** True if those are of a moment whose messages are not read yet. */
  #isCut = false;
  /** True while published messages wait for announcements, which arrive later than shared memory changes. */
  isBehind = false;

  /**
   * Published length of each log of the list, at one moment; undefined while memory announced before that moment has
   * not arrived. Invariants: the causes of a visible message are visible, and the memory of each is known here.
   */
  readableTails(): readonly number[] | undefined {
    for (;;) {
      if (!this.#isCut) this.#cut();
      this.isBehind = !this.#list.every(this.#isCurrent);
      if (!this.#isCut) continue; // an announcement was a new link
      this.#isCut = this.isBehind;
      return this.isBehind ? undefined : this.#tails;
    }
  }

  readonly #isCurrent = ({ wire }: Link, i: number): boolean => {
    const announced = this.#announced[i] ?? 0;
    if (announced > wire.handled) wire.pump();
    return announced <= wire.handled;
  };

  #cut(): void {
    const [list, tails] = [this.#list, this.#tails];
    for (let isSame = false; !isSame; ) {
      isSame = true;
      for (let i = 0; i < list.length; i++) {
        const { published } = (list[i] as Link).reader;
        if (tails[i] === published) continue;
        tails[i] = published;
        isSame = false;
      }
    }
    this.#isCut = true;
    for (let i = 0; i < list.length; i++) this.#announced[i] = (list[i] as Link).wire.announced;
  }

  #changed(): void {
    this.#isCut = false;
    this.#tails = [];
    this.#announced = [];
    this.#list = [...this.#links.values()];
  }
}
