import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { EventView, NodeWait, StageDetail } from "../watch/model.js";
import { get } from "./api.js";
import { HEAT_COLUMNS, HeatMap, Lines } from "./charts.js";
import { EventRow } from "./events-view.js";
import { count, many, placeOf, rateOf, timeOf } from "./format.js";
import { linkTo, useLive, usePolled, useRoute, useStore } from "./hooks.js";
import { Steer } from "./steer.js";

/** The page of one stage or kernel, with all details. */
export function StageView() {
  const [, id = ""] = useRoute();
  const store = useStore();
  const { flows } = useLive();
  useEffect(() => {
    store.watched = id;
  }, [store, id]);
  const { value: detail, error } = usePolled(() => get<StageDetail>("api/stage", { id }), id);
  if (error !== undefined) return <p class="empty">{error}</p>;
  if (detail === undefined) return <p class="empty">Reading {id} …</p>;
  const { node } = detail;
  const isBottleneck = flows.some(({ bottleneck }) => bottleneck === id);
  return (
    <section class="view" aria-label={`Stage ${node.name}`}>
      <header class="row spread">
        <div>
          <h1>
            {node.name} <span class={`state ${node.state}`}>{node.state}</span>
            {isBottleneck && <span class="state slow">bottleneck</span>}
          </h1>
          <p class="soft">
            {node.flow === null ? "kernel" : <a href={linkTo("graph", node.flow)}>{node.flow}</a>} · {placeOf(node)} ·{" "}
            {waitsInWords(node.waits)}
          </p>
        </div>
        <Steer
          target={id}
          node={node}
          names={["pause", "resume", "inject", "move", "terminate"]}
          accepts={node.accepts}
        />
      </header>
      <Tiles detail={detail} />
      <Ledger name="Input" ledger={detail.ledger.input} />
      {(node.flow === null || detail.ledger.output.accepted > 0) && (
        <Ledger name="Output" ledger={detail.ledger.output} />
      )}
      <Charts id={id} detail={detail} />
      <Workers detail={detail} />
      <Options detail={detail} />
      <RecentEvents events={detail.events} />
    </section>
  );
}

function waitsInWords(waits: readonly NodeWait[]): string {
  const words = waits.map(({ for: what, on, count: n }) => {
    const times = n > 1 ? ` (${count(n)} times)` : "";
    if (what === "input") return "waits for messages";
    if (what === "activation") return "waits for its activation";
    if (what === "timer") return `waits for a timer${times}`;
    if (what === "reader") return `waits for a reader${times}`;
    return `waits for ${what === "room" ? "room in" : what === "answer" ? "an answer of" : "an output of"} ${on ?? "another"}${times}`;
  });
  return words.length === 0 ? "at work" : [...new Set(words)].join(", ");
}

function Tiles({ detail: { node, ledger } }: { detail: StageDetail }) {
  const tiles: readonly (readonly [string, string, string?])[] = [
    ["rate", rateOf(node.rate)],
    ["queued", `${count(ledger.input.queued)} of ${count(node.capacity)}`],
    ["busy", `${Math.round(node.utilization * 100)}%`],
    ["wait, p50 / p99", `${timeOf(node.wait.p50)} / ${timeOf(node.wait.p99)}`],
    ["work, p50 / p99", `${timeOf(node.processing.p50)} / ${timeOf(node.processing.p99)}`],
    ["errors", count(node.errors), node.errors > 0 ? "bad" : ""],
    ["restarts", count(node.restarts), node.restarts > 0 ? "bad" : ""],
    ["rejected", count(node.rejected)],
  ];
  return (
    <dl class="tiles">
      {tiles.map(([name, value, look = ""]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class={look}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The ledger of a port as an equation. */
function Ledger({ name, ledger }: { name: string; ledger: StageDetail["ledger"]["input"] }) {
  const { accepted, queued, inHand, done, dropped, deadLettered } = ledger;
  const terms = [
    ["queued", queued],
    ["in hand", inHand],
    ["done", done],
    ["dropped", dropped],
    ["dead-lettered", deadLettered],
  ] as const;
  const isBalanced = accepted === terms.reduce((all, [, n]) => all + n, 0);
  return (
    <p class="ledger" data-ledger={name.toLowerCase()}>
      <b>{name}</b>
      <span>
        <i>{count(accepted)}</i> accepted
      </span>
      {terms.map(([term, n], i) => (
        <span key={term} class={n === 0 ? "zero" : ""}>
          {i === 0 ? "= " : "+ "}
          <i>{count(n)}</i> {term}
        </span>
      ))}
      <span class={isBalanced ? "good" : "soft"} title={isBalanced ? "" : "Counts of a moment in which messages moved"}>
        {isBalanced ? "✓ balances" : "… in motion"}
      </span>
    </p>
  );
}

function Charts({ id, detail }: { id: string; detail: StageDetail }) {
  const history = useStore().histories.get(id);
  const columns = useOctaves(id, detail);
  // a history grows in place, so its identity does not show a change
  const [rates, queues] = useMemo(
    () => [
      [[...(history?.at ?? [])], [...(history?.rate ?? [])]],
      [[...(history?.at ?? [])], [...(history?.queued ?? [])]],
    ],
    [detail, history],
  );
  return (
    <div class="charts">
      <Lines title="Rate" data={rates} lines={[{ label: "done", color: "--accent" }]} format={rateOf} />
      <Lines
        title="Queue"
        data={queues}
        lines={[{ label: "queued", color: "--slow" }]}
        format={(n) => count(Math.round(n))}
      />
      <HeatMap title="Time of work (sampled)" columns={columns.processing} />
      <HeatMap title="Time in the queue (sampled)" columns={columns.wait} />
    </div>
  );
}

/** Octaves of the values that were measured between two refreshes, for the latest refreshes. */
function useOctaves(id: string, detail: StageDetail) {
  const before = useRef<{ id: string; detail: StageDetail } | undefined>(undefined);
  const [columns, setColumns] = useState<{ processing: number[][]; wait: number[][] }>({ processing: [], wait: [] });
  useEffect(() => {
    const last = before.current;
    before.current = { id, detail };
    if (last === undefined || last.id !== id) return setColumns({ processing: [], wait: [] });
    const between = (name: "processing" | "wait") =>
      detail[name].octaves.map((n, i) => Math.max(0, n - (last.detail[name].octaves[i] ?? 0)));
    setColumns((old) => ({
      processing: [...old.processing, between("processing")].slice(-HEAT_COLUMNS),
      wait: [...old.wait, between("wait")].slice(-HEAT_COLUMNS),
    }));
  }, [id, detail]);
  return columns;
}

function Workers({ detail: { workers } }: { detail: StageDetail }) {
  return (
    <div class="scroll">
      <table>
        <caption>{workers.length === 1 ? "Kernel" : `${workers.length} workers`}</caption>
        <thead>
          <tr>
            {["id", "state", "place", "queued", "in hand", "processed", "rate", "restarts"].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {workers.map(
            ({ id, state, backend, thread, threadUtilization, queued, inHand, processed, rate, restarts }) => (
              <tr key={id}>
                <th scope="row">{id}</th>
                <td>{state}</td>
                <td>
                  {backend}
                  {thread !== null &&
                    thread > 0 &&
                    ` · thread ${thread}, ${Math.round((threadUtilization ?? 0) * 100)}% busy`}
                </td>
                <td>{count(queued)}</td>
                <td>{count(inHand)}</td>
                <td>{count(processed)}</td>
                <td>{rateOf(rate)}</td>
                <td>{count(restarts)}</td>
              </tr>
            ),
          )}
        </tbody>
      </table>
    </div>
  );
}

function Options({ detail: { node, backpressure, links, peers, device } }: { detail: StageDetail }) {
  const options: readonly (readonly [string, string])[] = [
    ["accepts", node.accepts.join(", ") || "nothing"],
    ["sends", node.sends.join(", ") || "nothing"],
    ["queue", `${many(node.capacity, "message")}, ${backpressure}`],
    ...(links.length > 0 ? ([["linked to", links.join(", ")]] as const) : []),
    ...(peers.length > 0 ? ([["peers", peers.join(", ")]] as const) : []),
    ...(device === null
      ? []
      : ([
          ["device", `${device.adapter ?? "none"}${device.isSoftware ? " (software)" : ""}`],
          [
            "on the device",
            `${many(device.batches, "batch").replace("batchs", "batches")}, ${count(device.submits)} submits, ${count(device.dispatches)} dispatches`,
          ],
          ["bytes", `${count(device.bytesUp)} up, ${count(device.bytesDown)} down`],
          ...(device.deviceTime === null ? [] : ([["device time", timeOf(device.deviceTime)]] as const)),
        ] as const)),
  ];
  return (
    <dl class="options">
      {options.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function RecentEvents({ events }: { events: readonly EventView[] }) {
  if (events.length === 0) return null;
  return (
    <section aria-label="Events of this stage">
      <h2>Restarts, errors, logs</h2>
      {events.map((event) => (
        <EventRow key={event.n} event={event} />
      ))}
    </section>
  );
}
