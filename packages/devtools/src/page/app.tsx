import { useContext, useEffect, useState } from "preact/hooks";
import type { Story } from "../watch/model.js";
import { othersOf } from "../watch/stories.js";
import { EventsView } from "./events-view.js";
import { count, duration, many, rateOf, timeOf } from "./format.js";
import { GraphView } from "./graph-view.js";
import { linkTo, type Notice, NoticeContext, useAct, useLive, useRoute } from "./hooks.js";
import { LettersView } from "./letters-view.js";
import { StageView } from "./stage-view.js";
import { StagesView } from "./stages-view.js";
import { Steer } from "./steer.js";
import { TraceView } from "./trace-view.js";

const VIEWS = [
  ["graph", "Graph"],
  ["stages", "Stages"],
  ["letters", "Dead letters"],
  ["events", "Events"],
  ["trace", "Trace"],
] as const;

/** The whole page. */
export function App() {
  const [notice, setNotice] = useState<Notice>();
  useEffect(() => {
    if (notice === undefined) return;
    const timer = setTimeout(() => setNotice(undefined), 8000);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <NoticeContext.Provider value={setNotice}>
      <Header />
      <main>
        <Stories />
        <View />
      </main>
      <div class="notices" role="status" aria-live="polite">
        {notice !== undefined && <p class={notice.isBad ? "notice is-bad" : "notice"}>{notice.text}</p>}
      </div>
    </NoticeContext.Provider>
  );
}

function View() {
  const [view = ""] = useRoute();
  switch (view) {
    case "stage":
      return <StageView />;
    case "stages":
      return <StagesView />;
    case "letters":
      return <LettersView />;
    case "events":
      return <EventsView />;
    case "trace":
      return <TraceView />;
    default:
      return (
        <>
          <Flows />
          <GraphView />
        </>
      );
  }
}

function Header() {
  const { hello, isConnected, letters, viewers, events } = useLive();
  const [view = "graph"] = useRoute();
  const current = view === "" ? "graph" : view === "stage" ? "stages" : view;
  useEffect(() => {
    // digits choose a view, unless a text field has the focus
    const pressed = ({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent) => {
      if (ctrlKey || metaKey || altKey || (target as Element).closest("input, textarea, select, dialog")) return;
      const chosen = VIEWS[Number(key) - 1];
      if (chosen !== undefined) location.hash = linkTo(chosen[0]);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  useEffect(() => {
    if (hello !== undefined) document.title = `${hello.title} · Ringline`;
  }, [hello]);
  const badge = (name: string) => (name === "letters" ? letters.size : 0);
  return (
    <header class="top">
      <p class="brand">
        <Ring /> <b>{hello?.title ?? "Ringline"}</b>
        <span class={isConnected ? "live" : "live lost"}>
          {isConnected ? "live" : events.length > 0 ? "lost" : "connecting"}
        </span>
        {hello !== undefined && !hello.canWrite && <span class="soft">read-only</span>}
        {viewers > 1 && <span class="soft">{viewers} viewers</span>}
      </p>
      <nav aria-label="Views">
        {VIEWS.map(([name, label], i) => (
          <a
            key={name}
            href={linkTo(name)}
            aria-current={current === name ? "page" : undefined}
            title={`${label} (${i + 1})`}
          >
            {name === "letters" ? (
              <>
                <span class="long">Dead </span>
                <span class="letters-label">letters</span>
              </>
            ) : (
              label
            )}
            {badge(name) > 0 && <span class="count">{count(badge(name))}</span>}
          </a>
        ))}
      </nav>
      <Theme />
    </header>
  );
}

function Ring() {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
      <circle cx="11" cy="11" r="8" class="ring" />
      <circle cx="19" cy="11" r="3" class="bead" />
    </svg>
  );
}

/** Chooses the theme: light, dark, or that of the system. */
function Theme() {
  const [theme, setTheme] = useState(() => localStorage.getItem("ringline-theme") ?? "auto");
  useEffect(() => {
    if (theme === "auto") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
    localStorage.setItem("ringline-theme", theme);
  }, [theme]);
  return (
    <label class="theme">
      <span class="sr-only">Theme</span>
      <select value={theme} onChange={({ currentTarget }) => setTheme(currentTarget.value)}>
        <option value="auto">auto</option>
        <option value="light">light</option>
        <option value="dark">dark</option>
      </select>
    </label>
  );
}

/** The reasons for stalls, at the top of the page. */
function Stories() {
  const { stories, nodes, at } = useLive();
  return (
    <div class="stories" role="log" aria-live="polite" aria-label="What stands still">
      {stories.slice(0, 3).map((story) => (
        <StoryCard key={`${story.kind} ${story.root}`} story={story} others={othersOf(story, nodes)} at={at} />
      ))}
      {stories.length > 3 && <p class="soft">{many(stories.length - 3, "more")} like these.</p>}
    </div>
  );
}

function StoryCard({ story, others, at }: { story: Story; others: string; at: number }) {
  const { nodes, hello } = useLive();
  const act = useAct();
  const { kind, root, clauses, since, advice } = story;
  const name = nodes.get(root)?.name ?? root;
  const heading =
    kind === "stall"
      ? `${name} holds things up`
      : kind === "circle"
        ? "A circle of waits"
        : `${name} is the bottleneck`;
  const state = nodes.get(root)?.state;
  const canResume = hello?.canWrite === true && (state === "deactivated" || state === "launched");
  return (
    <article class={`story ${kind}`} data-root={root}>
      <p class="head">
        <b>{heading}</b>
        {since !== null && <span class="soft"> for {duration(at - since)}</span>}
      </p>
      <p class="sentence">
        {clauses.map((clause, i) => (
          <span key={clause}>
            {i > 0 && <span class="sep"> → </span>}
            {clause}
          </span>
        ))}
        . {others}
      </p>
      <p class="row">
        <span class="advice">{advice}</span>
        {nodes.has(root) && (
          <a class="button" href={linkTo("stage", root)}>
            Look at {name}
          </a>
        )}
        {canResume && (
          <button type="button" class="primary" onClick={() => void act({ act: "resume", target: root })}>
            Resume {name}
          </button>
        )}
      </p>
    </article>
  );
}

/** A line for each flow. */
function Flows() {
  const { flows, nodes } = useLive();
  const { hello } = useLive();
  const notify = useContext(NoticeContext);
  if (flows.length === 0) return null;
  const copy = async (text: string) => {
    await navigator.clipboard.writeText(text);
    notify({ text: "Copied as a Mermaid flowchart.", isBad: false });
  };
  return (
    <div class="flows">
      {flows.map(({ id, inFlight, rate, latency, unread, waitingSenders, bottleneck, mermaid, holds }) => {
        const stages = [...nodes.values()].filter((node) => node.flow === id && node.kernels.length > 0);
        const isPaused = stages.length > 0 && stages.every(({ state }) => state === "deactivated");
        const acts = ["drain", "inject", "terminate", isPaused ? "resume" : "pause"];
        const accepts = stages[0]?.accepts ?? [];
        return (
          <section key={id} class="flow" aria-label={`Flow ${id}`}>
            <h2>{id}</h2>
            <p class="soft">
              {rateOf(rate)} · {timeOf(latency.p50)} / {timeOf(latency.p99)} · {count(inFlight)} in flight
              {waitingSenders > 0 && ` · ${many(waitingSenders, "sender")} waiting`}
              {unread > 0 && ` · ${count(unread)} unread`}
              {holds.map(({ node, messages }) => ` · ${node} holds ${count(messages)}`)}
              {bottleneck !== null && ` · bottleneck ${nodes.get(bottleneck)?.name ?? bottleneck}`}
            </p>
            <div class="row">
              {hello?.canWrite === true && <Steer target={id} node={undefined} names={acts} accepts={accepts} />}
              <button type="button" onClick={() => void copy(mermaid)}>
                Copy as Mermaid
              </button>
            </div>
          </section>
        );
      })}
    </div>
  );
}
