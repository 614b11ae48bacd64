import { useMemo } from "preact/hooks";
import type { EdgeView, NodeView } from "../watch/model.js";
import { count, fillOf, many, placeOf, rateOf, timeOf } from "./format.js";
import { BOX, type GraphLayout, layoutOf } from "./graph-layout.js";
import { linkTo, useLive, useMedia, useRoute } from "./hooks.js";
import type { State } from "./store.js";

/** Nodes that one drawing shows at most; a larger system is shown flow by flow, and as a list. */
const MOST_DRAWN = 120;

/** The running topology as a drawing. */
export function GraphView() {
  const state = useLive();
  const [, chosen = ""] = useRoute();
  const isTall = useMedia("(max-width: 700px)");
  const shown = shownOf(state, chosen);
  const key = `${shown.ids.join(" ")} ${shown.edges.map(({ from, to, kind }) => from + to + kind).join(" ")} ${isTall}`;
  const isKernel = (id: string) => (state.nodes.get(id)?.kernels.length ?? 0) > 0;
  // the layout depends on the shape alone, not on figures
  const layout = useMemo(() => layoutOf(shown.ids, shown.edges, isKernel, isTall), [key]);
  return (
    <section class="view" aria-label="Graph">
      {state.flows.length > 1 && (
        <p class="row tabs">
          <a href={linkTo("graph")} aria-current={chosen === "" ? "page" : undefined}>
            Everything
          </a>
          {state.flows.map(({ id }) => (
            <a key={id} href={linkTo("graph", id)} aria-current={chosen === id ? "page" : undefined}>
              {id}
            </a>
          ))}
        </p>
      )}
      {shown.ids.length === 0 && <p class="empty">Nothing runs yet.</p>}
      {shown.left > 0 && (
        <p class="soft">
          {many(shown.left, "more node")} not drawn: choose a flow, or look at the{" "}
          <a href={linkTo("stages")}>list of all stages</a>.
        </p>
      )}
      <div class="graph">
        <Drawing state={state} layout={layout} edges={shown.edges} />
      </div>
      <p class="legend soft">
        <span class="swatch bar" /> queue <span class="swatch slow" /> bottleneck <span class="swatch stall" /> stands
        still <span class="swatch dashed" /> asks
      </p>
    </section>
  );
}

/** The nodes and edges to draw: one flow with the kernels that it is connected to, or everything. */
function shownOf({ nodes, edges }: State, flow: string) {
  const ids = new Set<string>();
  for (const node of nodes.values()) if (flow === "" || node.flow === flow) ids.add(node.id);
  if (flow !== "") {
    for (const { from, to } of edges) {
      if (ids.has(from) && nodes.has(to)) ids.add(to);
      else if (ids.has(to) && nodes.has(from)) ids.add(from);
    }
  }
  const kept = [...ids].slice(0, MOST_DRAWN);
  const known = new Set(kept);
  for (const { from, to } of edges) {
    if (from.endsWith(">in") && known.has(to)) known.add(from);
    if (to.endsWith(">out") && known.has(from)) known.add(to);
  }
  return {
    ids: [...known],
    left: ids.size - kept.length,
    edges: edges.filter(({ from, to }) => known.has(from) && known.has(to)),
  };
}

function Drawing({ state, layout, edges }: { state: State; layout: GraphLayout; edges: readonly EdgeView[] }) {
  const { width, height, nodes: places, paths } = layout;
  const troubles = new Map(
    state.stories.flatMap(({ path, root, kind }) => path.map((id) => [id, { kind, isRoot: id === root }])),
  );
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-label={`Graph of ${places.size} nodes`}>
      <defs>
        <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0,0 L8,4 L0,8 z" />
        </marker>
      </defs>
      {edges.map((edge, i) => (
        <Edge key={`${edge.from} ${edge.to} ${edge.kind}`} edge={edge} path={paths[i]} state={state} />
      ))}
      {[...places].map(([id, { x, y, width: w, height: h }]) => {
        const node = state.nodes.get(id);
        if (node === undefined) return <End key={id} id={id} state={state} x={x} y={y} width={w} height={h} />;
        const bottleneck = state.flows.some((flow) => flow.bottleneck === id);
        return (
          <g key={id} transform={`translate(${x},${y})`}>
            <Box node={node} trouble={troubles.get(id)} isBottleneck={bottleneck} state={state} />
          </g>
        );
      })}
    </svg>
  );
}

function End({
  id,
  state,
  x,
  y,
  width,
  height,
}: {
  id: string;
  state: State;
  x: number;
  y: number;
  width: number;
  height: number;
}) {
  const [flow, side] = id.split(">");
  const view = state.flows.find((one) => one.id === flow);
  const unread = side === "out" ? (view?.unread ?? 0) : (view?.waitingSenders ?? 0);
  const text =
    unread === 0 ? `${side === "in" ? "in" : "out"}` : `${count(unread)} ${side === "out" ? "unread" : "wait"}`;
  return (
    <g class={unread > 0 ? "end pending" : "end"}>
      <title>{`${side === "in" ? "Input" : "Output"} of ${flow}`}</title>
      <rect x={x} y={y} width={width} height={height} rx={height / 2} />
      <text x={x + width / 2} y={y + height / 2 + 4} text-anchor="middle">
        {text}
      </text>
    </g>
  );
}

function Edge({ edge, path, state }: { edge: EdgeView; path: GraphLayout["paths"][number] | undefined; state: State }) {
  const [from, to] = [state.nodes.get(edge.from), state.nodes.get(edge.to)];
  const rate = edge.kind === "peer" ? null : rateOn(edge, state);
  const isHeld = state.stories.some(({ path }) => path.some((id, i) => id === edge.from && path[i + 1] === edge.to));
  const label = [edge.label, rate === null || rate === 0 ? null : rateOf(rate), isHeld ? "waits" : null]
    .filter(Boolean)
    .join(" · ");
  const classes = ["edge", edge.kind, isHeld ? "held" : "", (rate ?? 0) > 0 ? "moves" : ""].join(" ");
  return (
    <g class={classes}>
      <title>{`${from?.name ?? "input"} to ${to?.name ?? "output"}${label === "" ? "" : `: ${label}`}`}</title>
      <path d={path?.d ?? ""} marker-end="url(#arrow)" />
      {label !== "" && (
        <text x={path?.x ?? 0} y={(path?.y ?? 0) - 5} text-anchor="middle">
          {label}
        </text>
      )}
    </g>
  );
}

/** Messages per second over an edge: deliveries at its end if no other edge leads there, else outputs of its begin. */
function rateOn(edge: EdgeView, { edges, nodes }: State): number | null {
  const [from, to] = [nodes.get(edge.from), nodes.get(edge.to)];
  const leading = edges.filter((other) => other.to === edge.to && other.kind !== "peer");
  if (leading.length === 1 && to !== undefined && to.kernels.length > 0) return to.inRate;
  const leaving = edges.filter((other) => other.from === edge.from && other.kind !== "peer");
  return leaving.length === 1 && from !== undefined && from.kernels.length > 0 ? from.outRate : null;
}

interface BoxProps {
  readonly node: NodeView;
  readonly trouble: { readonly kind: string; readonly isRoot: boolean } | undefined;
  readonly isBottleneck: boolean;
  readonly state: State;
}

function Box({ node, trouble, isBottleneck, state }: BoxProps) {
  const { id, name, kind, kernels, queued, capacity, rate, errors, deadLettered, processing, utilization } = node;
  const letters = state.letters.groups
    .filter(({ kernelId }) => kernels.includes(kernelId))
    .reduce((all, group) => all + group.count, 0);
  const isKernel = kernels.length > 0;
  const isOff = isKernel && node.state !== "active" && node.state !== "mixed";
  const classes = [
    "box",
    kind,
    trouble !== undefined ? `in-${trouble.kind}` : "",
    trouble?.isRoot ? "root" : "",
    isBottleneck ? "bottleneck" : "",
    isOff ? "off" : "",
  ].join(" ");
  const words = isKernel
    ? `${name}: ${node.state}, ${rateOf(rate)}, ${count(queued)} of ${count(capacity)} queued, ${many(errors, "error")}`
    : `${name}: ${kind}`;
  const most = isKernel ? 19 : 11;
  const title = name.length > most ? `${name.slice(0, most - 1)}…` : name;
  const drawing = (
    <>
      <title>{words}</title>
      <rect class="frame" width={isKernel ? BOX.width : 104} height={isKernel ? BOX.height : 40} rx="10" />
      <text class="name" x={isKernel ? 12 : 10} y={isKernel ? 23 : 18}>
        {title}
      </text>
      {kernels.length > 1 && (
        <text class="soft" x="168" y="23" text-anchor="end">
          ×{kernels.length}
        </text>
      )}
      <text class="soft" x={isKernel ? 12 : 10} y={isKernel ? 40 : 32}>
        {placeOf(node).slice(0, 30)}
      </text>
      {isKernel && (
        <>
          <text class="figure" x="12" y="59">
            {isOff ? node.state : `${rateOf(rate)} · ${timeOf(processing.p50)} · ${Math.round(utilization * 100)}%`}
          </text>
          <rect class="track" x="12" y="68" width="92" height="8" rx="4" />
          <rect class="fill" x="12" y="68" width={92 * fillOf(node)} height="8" rx="4" />
          <text class="soft" x="168" y="76" text-anchor="end">
            {count(queued)}/{capacity >= 10_000 ? `${Math.round(capacity / 1000)}k` : count(capacity)}
          </text>
          {letters + errors > 0 && (
            <g class="badge" transform="translate(168,33)">
              <text text-anchor="end" y="7">
                {letters > 0 ? `✉ ${count(letters)}` : `! ${count(errors)}`}
              </text>
              <title>{`${many(errors, "error")}, ${many(deadLettered, "dead letter")} so far, ${letters} kept`}</title>
            </g>
          )}
        </>
      )}
    </>
  );
  if (!isKernel) {
    return (
      <g class={classes} data-node={id}>
        {drawing}
      </g>
    );
  }
  return (
    <a class={classes} href={linkTo("stage", id)} aria-label={words} data-node={id}>
      {drawing}
    </a>
  );
}
