import { useState } from "preact/hooks";
import type { EventView } from "../watch/model.js";
import { clock, count } from "./format.js";
import { linkTo, useLive } from "./hooks.js";
import { SearchField } from "./search-field.js";
import { VirtualList } from "./virtual-list.js";

const KINDS: Readonly<Record<EventView["kind"], string>> = {
  error: "errors",
  deadLetter: "dead letters",
  restart: "restarts",
  stalled: "stalls",
  act: "acts",
  state: "states",
  log: "logs",
  drop: "drops",
  device: "devices",
  connection: "connections",
  recovered: "recoveries",
  relocated: "moves",
};

/** The events, latest first. */
export function EventsView() {
  const { events } = useLive();
  const [text, setText] = useState("");
  const [hidden, setHidden] = useState<ReadonlySet<EventView["kind"]>>(new Set());
  const [open, setOpen] = useState<EventView>();
  const wanted = text.toLowerCase();
  const shown = events
    .filter(({ kind, subject, text: told }) => !hidden.has(kind) && `${subject} ${told}`.toLowerCase().includes(wanted))
    .reverse();
  const present = (Object.keys(KINDS) as EventView["kind"][]).filter((kind) =>
    events.some((event) => event.kind === kind),
  );
  const toggle = (kind: EventView["kind"]) => {
    const next = new Set(hidden);
    if (!next.delete(kind)) next.add(kind);
    setHidden(next);
  };
  return (
    <section class="view fill" aria-label="Events">
      <div class="row">
        <SearchField label="Filter events" hint="Filter: kernel, code, text" value={text} change={setText} />
        {present.map((kind) => (
          <label key={kind} class="chip">
            <input type="checkbox" checked={!hidden.has(kind)} onChange={() => toggle(kind)} /> {KINDS[kind]}
          </label>
        ))}
      </div>
      {shown.length === 0 && (
        <p class="empty">{events.length === 0 ? "Nothing has happened yet." : "Nothing fits the filter."}</p>
      )}
      <VirtualList
        items={shown}
        rowHeight={40}
        label={`${count(shown.length)} events`}
        keyOf={({ n }) => n}
        row={(event) => <EventRow event={event} isShort onOpen={() => setOpen(event === open ? undefined : event)} />}
      />
      {open !== undefined && (
        <aside class="drawer" aria-label="Event">
          <p class="row spread">
            <b>
              {open.kind} · {open.subject} · {clock(open.at)}
            </b>
            <button type="button" onClick={() => setOpen(undefined)}>
              Close
            </button>
          </p>
          <p>{open.text}</p>
          {open.stack !== null && <pre>{open.stack}</pre>}
        </aside>
      )}
    </section>
  );
}

interface EventRowProps {
  readonly event: EventView;
  /** True: one line for each event, without its details. */
  readonly isShort?: boolean;
  readonly onOpen?: () => void;
}

export function EventRow({ event, isShort = false, onOpen }: EventRowProps) {
  const { at, kind, subject, text, count: times, stack } = event;
  const line = (
    <>
      <time dateTime={new Date(at).toISOString()}>{clock(at)}</time>
      <span class={`kind ${kind}`}>{kind === "deadLetter" ? "letter" : kind}</span>
      {subject !== null && !isShort ? <a href={linkTo("stage", subject)}>{subject}</a> : <b>{subject}</b>}
      <span class="text">
        {text}
        {times > 1 && <span class="times"> ×{count(times)}</span>}
      </span>
    </>
  );
  if (isShort) {
    return (
      <button type="button" class="event" onClick={onOpen} title={text}>
        {line}
      </button>
    );
  }
  if (stack === null) return <p class="event">{line}</p>;
  return (
    <details class="stack">
      <summary class="event">{line}</summary>
      <pre>{stack}</pre>
    </details>
  );
}
