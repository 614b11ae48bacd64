import { useState } from "preact/hooks";
import type { SpanView, TraceView as Trace } from "../watch/model.js";
import { get, post } from "./api.js";
import { clock, count, many, timeOf } from "./format.js";
import { linkTo, useLive, usePolled, useRoute } from "./hooks.js";
import { SearchField } from "./search-field.js";

interface Listed {
  readonly id: string;
  readonly at: number;
  readonly type: string;
  readonly kernelId: string;
  readonly took: number;
  readonly spans: number;
  readonly isFailed: boolean;
}

/** Follows messages through the flow: a waterfall of waits and work. */
export function TraceView() {
  const [, chosen = ""] = useRoute();
  const { tracing } = useLive();
  const [wanted, setWanted] = useState("");
  const { value } = usePolled(() => get<{ traces: Listed[] }>("api/traces"), "traces");
  const sample = (every: number) => void post("api/sample", { every }).catch(() => {});
  return (
    <section class="view" aria-label="Trace">
      <div class="row">
        <label>
          Follow{" "}
          <select value={tracing} onChange={({ currentTarget }) => sample(Number(currentTarget.value))}>
            <option value="0">no message</option>
            <option value="1">every message</option>
            <option value="10">1 in 10</option>
            <option value="100">1 in 100</option>
            <option value="1000">1 in 1,000</option>
          </select>
        </label>
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault();
            location.hash = linkTo("trace", wanted.trim());
          }}
        >
          <SearchField label="Id of a message" value={wanted} change={setWanted} />
          <button type="submit">Find</button>
        </form>
      </div>
      {chosen !== "" && <Waterfall key={chosen} id={chosen} />}
      {(value?.traces.length ?? 0) === 0 ? (
        <p class="empty">
          {tracing === 0 ? "Choose how many messages to follow: their way shows up here." : "Waiting for a message …"}
        </p>
      ) : (
        <div class="scroll">
          <table>
            <caption>Latest messages that were followed</caption>
            <thead>
              <tr>
                <th scope="col">entered</th>
                <th scope="col">message</th>
                <th scope="col">first kernel</th>
                <th scope="col">steps</th>
                <th scope="col">took</th>
              </tr>
            </thead>
            <tbody>
              {value?.traces.slice(0, 20).map((trace) => (
                <tr key={trace.id} class={trace.id === chosen ? "chosen" : ""}>
                  <td>{clock(trace.at)}</td>
                  <th scope="row">
                    <a href={linkTo("trace", trace.id)}>{trace.type}</a>{" "}
                    {trace.isFailed && <span class="kind error">dead letter</span>}
                  </th>
                  <td>{trace.kernelId}</td>
                  <td>{count(trace.spans)}</td>
                  <td>{timeOf(trace.took)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Waterfall({ id }: { id: string }) {
  const { value: trace, error } = usePolled(() => get<Trace>("api/trace", { id }), id);
  if (error !== undefined) return <p class="empty">{error}</p>;
  if (trace === undefined) return <p class="empty">Reading …</p>;
  const spans = [...trace.spans];
  const begin = Math.min(trace.entered ?? Number.POSITIVE_INFINITY, ...spans.map(({ start }) => start));
  const end = Math.max(begin + 0.001, ...spans.map(({ start, end }) => end ?? start));
  const share = (time: number) => `${((time - begin) / (end - begin)) * 100}%`;
  const readyAt = (span: SpanView) => {
    const cause = spans.find(({ messageId }) => messageId === span.causeId);
    return Math.min(span.start, cause?.end ?? (cause === undefined ? begin : span.start));
  };
  return (
    <figure class="waterfall">
      <figcaption>
        {many(spans.length, "step")} in {timeOf(end - begin)}: <span class="dot waits" /> in the queue{" "}
        <span class="dot works" /> at work
      </figcaption>
      <ol>
        {spans.map((span) => {
          const ready = readyAt(span);
          const [waited, worked] = [span.start - ready, (span.end ?? end) - span.start];
          const words = `${span.stage ?? span.kernelId}: ${span.type} waited ${timeOf(waited)}, took ${timeOf(worked)}`;
          return (
            <li
              key={`${span.messageId} ${span.kernelId} ${span.start}`}
              class={span.outcome ?? "open"}
              aria-label={words}
              title={words}
            >
              <a href={linkTo("stage", span.kernelId)}>{span.stage ?? span.kernelId}</a>
              <span class="lane">
                <span class="waits" style={{ left: share(ready), width: `${(waited / (end - begin)) * 100}%` }} />
                <span class="works" style={{ left: share(span.start), width: `${(worked / (end - begin)) * 100}%` }} />
              </span>
              <span class="time">{timeOf(worked)}</span>
              {span.error !== null && <span class="bad">{span.error}</span>}
            </li>
          );
        })}
      </ol>
    </figure>
  );
}
