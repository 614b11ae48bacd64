/** Milliseconds that a single wait of a case may take on an idle machine as fast as the reference. */
export const PATIENCE = 5000;

/** The work that measures a machine, and the milliseconds that an idle core of the reference machine takes for it. */
const STEPS = 8_000_000;
const REFERENCE = 8;
/** A measurement is repeated when it is older than this, in milliseconds. */
const FRESH = 1000;
/** Milliseconds of which the slowest measurement counts, as load varies. */
const KNOWN = 10_000;
/** Factor by which a machine may be slower than the reference; beyond it limits are not extended. */
const SLOWEST = 10;

const measured: { readonly at: number; readonly slowness: number }[] = [];
/** The environment of a process, where there is one: threads and processes that a case starts inherit it. */
const { env = {} } = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process ?? {};
const VARIABLE = "RINGLINE_PATIENCE";
let factor = Number(env[VARIABLE]) || 1;

/** Multiplies every time limit, here and in threads and processes that are started from now on. */
export function setPatience(times: number): void {
  factor = times;
  env[VARIABLE] = `${times}`;
}

/**
 * Converts milliseconds of an idle reference machine into those of this machine at present: more on a slow or busy one.
 */
export function patience(time = PATIENCE): number {
  return time * factor * slowness();
}

/** The maximum of `patience` for a time. */
export const longestPatience = (time: number): number => time * factor * SLOWEST;

/** The options of a wait that succeeds: what it waits for comes within the patience of a case. */
export const soon = {
  get timeout(): number {
    return patience();
  },
};

/**
 * Calls `over` with the elapsed milliseconds once the time of an idle reference machine has passed; returns a function
 * that cancels it. The machine is measured again at the end, as the load may have changed meanwhile.
 */
export function afterPatience(time: number, over: (lasted: number) => void): () => void {
  const start = performance.now();
  const look = () => {
    const lasted = performance.now() - start;
    const left = patience(time) - lasted;
    if (left <= 0) over(Math.round(lasted));
    else timer = setTimeout(look, left);
  };
  let timer = setTimeout(look, patience(time));
  return () => clearTimeout(timer);
}

/** The factor by which work takes longer than on an idle core of the reference machine, from 1 to `SLOWEST`. */
function slowness(): number {
  const now = performance.now();
  while (measured[0] !== undefined && measured[0].at < now - KNOWN) measured.shift();
  const last = measured.at(-1);
  if (last === undefined || last.at < now - FRESH) measured.push({ at: now, slowness: measure() });
  return Math.max(...measured.map((one) => one.slowness));
}

function measure(): number {
  if (measured.length === 0) work(STEPS / 8); // compiled before it is measured
  const start = performance.now();
  work(STEPS);
  return Math.min(SLOWEST, Math.max(1, (performance.now() - start) / REFERENCE));
}

/** Returns its last number, as the compiler may remove a loop without a result. */
function work(steps: number): number {
  let last = 1;
  for (let i = 0; i < steps; i++) last = (Math.imul(last, 1_664_525) + 1_013_904_223) | 0;
  return last;
}
