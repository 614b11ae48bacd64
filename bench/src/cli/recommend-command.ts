import { spawn } from "node:child_process";
import { BACKENDS } from "../backends.js";
import { loadProgram } from "../recommend/load-program.js";
import { recommend } from "../recommend/recommend.js";
import { renderRecommendation } from "../recommend/render-recommendation.js";
import { tryWays } from "../recommend/try-ways.js";
import { EXIT, print } from "./exit.js";
import { Progress } from "./progress.js";
import { UsageError } from "./usage-error.js";
import { chosen, count, parse } from "./values.js";

const flags = { seconds: { type: "string" }, backend: { type: "string" }, json: { type: "boolean" } } as const;
const ROUNDS = 5;

/** `recommend MODULE`: exits 1 where no way works. */
export async function recommendCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args, flags, true);
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new UsageError("recommend takes one module");
  const seconds = values.seconds === undefined ? 20 : count(values.seconds, "--seconds");
  const backends = chosen(values.backend, "--backend", BACKENDS) ?? BACKENDS;
  // as it will run: without development checks, also in threads
  if (process.env["NODE_ENV"] !== "production") return inProduction();
  const program = await loadProgram(file);
  const progress = new Progress(process.stderr);
  const ways = 8;
  const duration = (seconds * 1000) / (ways * (ROUNDS + 1));
  const tried = await tryWays(program, {
    backends,
    duration,
    rounds: ROUNDS,
    onProgress: (what) => progress.show("recommend", what),
  });
  progress.clear();
  const advice = recommend(tried);
  const json = `${JSON.stringify({ ...tried, recommendation: advice ?? null }, undefined, 2)}\n`;
  await print(values.json ? json : renderRecommendation(tried, advice));
  return advice === undefined ? EXIT.failed : EXIT.done;
}

function inProduction(): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: "inherit",
    env: { ...process.env, NODE_ENV: "production" },
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? EXIT.failed));
  });
}
