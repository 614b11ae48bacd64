import type { Shape } from "../codec/shapes.js";
import { HOST, type Link } from "./link.js";

/** Data about a thread that has ended. */
interface FormerLink {
  readonly shapes: readonly Shape[];
  /** Number of frames that it had published here. */
  readonly published: number;
}

/** Threads that have ended and may still be spoken of; whatever lies here knows its own shapes. */
const MOST_FORMER = 64;

/** The other threads as one sees them, and the shapes of those that have ended: what they wrote is still here. */
export class Links {
  readonly #links = new Map<number, Link>();
  #list: readonly Link[] = [];
  /** The one to which a message was sent last. */
  #latest: Link | undefined;
  /** Published length of each log, in the order of the list. */
  #tails: number[] = [];
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
  /** To where messages for this thread go: the host when it has ended. */
  to(home: number): Link {
    const latest = this.#latest;
    if (latest !== undefined && latest.index === home) return latest;
    this.#latest = this.#links.get(home) ?? this.host;
    return this.#latest;
  }

  /** A log has got more memory. */
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

  /** Of the messages that another thread writes or wrote. */
  shapesOf(index: number): readonly Shape[] {
    return this.#links.get(index)?.shapes ?? this.#former.get(index)?.shapes ?? [];
  }

  /** Number of frames that a thread has published here, or had when it ended. */
  publishedBy(index: number): number | undefined {
    return this.#links.get(index)?.reader.published ?? this.#former.get(index)?.published;
  }

  /** Published length of each log of the list, at one moment: the causes of a visible message are visible too. */
  agreedTails(): readonly number[] {
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
    return tails;
  }

  #changed(): void {
    this.#tails = [];
    this.#list = [...this.#links.values()];
  }
}
