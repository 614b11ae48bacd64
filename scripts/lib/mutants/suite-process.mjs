// Runs cases of the suite on the copy, for one mutant: what the environment names is active before anything is loaded.
import { pathToFileURL } from "node:url";
import { setEnvironmentData } from "node:worker_threads";

const [folder, module, count] = process.argv.slice(2);
const hits = new Uint8Array(new SharedArrayBuffer(Number(count)));
setEnvironmentData("ringline-hits", hits);
/** @type {(file: string) => Promise<any>} */
const load = (file) => import(pathToFileURL(`${folder}/${file}`).href);
const { allCases, processProbe, runCase } = await load("packages/conformance/dist/index.js");
const { default: subjects } = await load(`${module}`);
const [subject] = subjects;
const probe = processProbe();

/** @type {(event: object) => void} */
const tell = (event) => void process.send?.(event);
const running = new Set();
const strayed = () => tell({ event: "failed", cases: [...running] });
process.on("unhandledRejection", strayed);
process.on("uncaughtException", strayed);
process.on("disconnect", () => process.exit());
setInterval(() => tell({ event: "alive" }), 250).unref();

process.on(
  "message",
  async (/** @type {{ cases: number[] | undefined, together: number }} */ { cases: chosen, together }) => {
    const cases = chosen ?? allCases.map((/** @type {unknown} */ _, /** @type {number} */ i) => i);
    const before = probe?.resources().length ?? 0;
    const rest = cases.values();
    const next = async () => {
      for (const at of rest) await run(at, together === 1);
    };
    await Promise.all(Array.from({ length: together }, next));
    // what the cases left behind, which they cannot tell apart while they run together
    for (let i = 0; i < 400 && (probe?.resources().length ?? 0) > before; i++)
      await new Promise((go) => setTimeout(go, 5));
    if ((probe?.resources().length ?? 0) > before) tell({ event: "failed", cases });
    tell({ event: "finished" });
  },
);
tell({
  event: "loaded",
  hits: take(),
  names: allCases.map((/** @type {any} */ { law, name }) => `law ${law}: ${name}`),
});

/** @param {number} at @param {boolean} isAlone */
async function run(at, isAlone) {
  running.add(at);
  const start = performance.now();
  const { outcome } = await runCase(subject, allCases[at], isAlone ? { probe } : {});
  running.delete(at);
  if (outcome === "failed") tell({ event: "failed", cases: [at] });
  else tell({ event: "passed", at, time: performance.now() - start, hits: isAlone ? take() : [] });
}

/** The places that were reached since the last call. */
function take() {
  const own = Array.from(hits.keys()).filter((i) => hits[i] === 1);
  hits.fill(0);
  return own;
}
