import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface VirtualListProps<T> {
  readonly items: readonly T[];
  /** Pixels of one row; all rows are alike. */
  readonly rowHeight: number;
  readonly label: string;
  readonly keyOf: (item: T) => string | number;
  readonly row: (item: T) => ComponentChildren;
}

/** Rows beyond what is visible, so that scrolling shows no gaps. */
const AHEAD = 8;

/** A list of any length: only the visible rows exist. */
export function VirtualList<T>({ items, rowHeight, label, keyOf, row }: VirtualListProps<T>) {
  const list = useRef<HTMLElement>(null);
  const [{ top, height }, setWindow] = useState({ top: 0, height: 800 });
  useEffect(() => {
    const element = list.current;
    if (element === null) return;
    const measure = () => setWindow({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, []);
  const first = Math.max(0, Math.floor(top / rowHeight) - AHEAD);
  const last = Math.min(items.length, Math.ceil((top + height) / rowHeight) + AHEAD);
  const place = (i: number) => ({ top: `${i * rowHeight}px`, height: `${rowHeight}px` });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it by keys
    <section ref={list} class="virtual" aria-label={label} tabIndex={0}>
      <ol style={{ height: `${items.length * rowHeight}px` }}>
        {items.slice(first, last).map((item, i) => (
          <li
            key={keyOf(item)}
            class="virtual-row"
            aria-setsize={items.length}
            aria-posinset={first + i + 1}
            style={place(first + i)}
          >
            {row(item)}
          </li>
        ))}
      </ol>
    </section>
  );
}
