import { renderBody } from "../page/render-page.js";
import { runInPage } from "./run-in-page.js";

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const [start, stop, save] = ["start", "stop", "save"].map((id) => element<HTMLButtonElement>(id)) as [
  HTMLButtonElement,
  HTMLButtonElement,
  HTMLButtonElement,
];
const progress = element("progress");

let stopping = new AbortController();
let figures = "";

start.addEventListener("click", async () => {
  stopping = new AbortController();
  start.disabled = true;
  stop.disabled = false;
  const pairs = Number(element<HTMLSelectElement>("pairs").value);
  try {
    const report = await runInPage({
      pairs,
      signal: stopping.signal,
      onProgress: (what) => {
        progress.textContent = what;
      },
    });
    figures = JSON.stringify(report, undefined, 2);
    // made by the bench's own renderer, which escapes what it is given
    element("report").innerHTML = renderBody(report);
    progress.textContent = report.interrupted ? "Stopped." : "Done.";
    save.disabled = false;
  } catch (error) {
    progress.textContent = `Failed: ${error instanceof Error ? error.message : error}`;
  } finally {
    start.disabled = false;
    stop.disabled = true;
  }
});

stop.addEventListener("click", () => stopping.abort());

save.addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([figures], { type: "application/json" }));
  link.download = `ringline-${new Date().toISOString().slice(0, 10)}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
});
