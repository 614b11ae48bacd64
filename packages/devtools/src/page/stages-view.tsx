import { useState } from "preact/hooks";
import { count, fillOf, placeOf, rateOf } from "./format.js";
import { linkTo, useLive } from "./hooks.js";
import { SearchField } from "./search-field.js";
import { VirtualList } from "./virtual-list.js";

/** All stages and kernels in a list of any length. */
export function StagesView() {
  const { nodes, stories } = useLive();
  const [text, setText] = useState("");
  const [order, setOrder] = useState<"name" | "queue" | "rate" | "errors">("name");
  const wanted = text.toLowerCase();
  const shown = [...nodes.values()].filter(
    ({ id, kernels, backend, state }) =>
      kernels.length > 0 && `${id} ${backend} ${state}`.toLowerCase().includes(wanted),
  );
  const by = {
    name: undefined,
    queue: (node: (typeof shown)[number]) => fillOf(node),
    rate: (node: (typeof shown)[number]) => node.rate,
    errors: (node: (typeof shown)[number]) => node.errors,
  }[order];
  if (by !== undefined) shown.sort((a, b) => by(b) - by(a));
  const held = new Set(stories.flatMap(({ path }) => path));
  return (
    <section class="view fill" aria-label="Stages">
      <div class="row">
        <SearchField label="Filter stages" hint="Filter: name, backend, state" value={text} change={setText} />
        <label>
          Order{" "}
          <select value={order} onChange={({ currentTarget }) => setOrder(currentTarget.value as typeof order)}>
            <option value="name">as launched</option>
            <option value="queue">fullest first</option>
            <option value="rate">fastest first</option>
            <option value="errors">most errors first</option>
          </select>
        </label>
        <span class="soft">{count(shown.length)} shown</span>
      </div>
      <VirtualList
        items={shown}
        rowHeight={44}
        label={`${count(shown.length)} stages`}
        keyOf={({ id }) => id}
        row={(node) => (
          <a class={`stage-row ${held.has(node.id) ? "held" : ""}`} href={linkTo("stage", node.id)}>
            <b>{node.id}</b>
            <span class="soft place">{placeOf(node)}</span>
            <span class={`state ${node.state}`}>{node.state}</span>
            <span class="meter" aria-hidden="true">
              <span style={{ width: `${fillOf(node) * 100}%` }} />
            </span>
            <span class="num">
              {count(node.queued)}/{count(node.capacity)}
            </span>
            <span class="num">{rateOf(node.rate)}</span>
            <span class={node.errors > 0 ? "num bad" : "num soft"}>
              {node.errors > 0 ? `${count(node.errors)} errors` : "–"}
            </span>
          </a>
        )}
      />
    </section>
  );
}
