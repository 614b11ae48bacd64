import { Child } from "./children.mjs";

/** Cases that run at a time, for one mutant: they wait more than they compute. */
const TOGETHER = 6;
const PARTS = 4;
/** Cases that hang have hung after this share of their patience. */
const PATIENCE = "0.4";

/** The conformance suite of a backend as tests of mutants. */
export class SuiteTests {
  /** @type {readonly string[]} */
  #names = [];
  /** The cases that pass without any mutant, those that are quick first. @type {{ at: number, time: number, hits: Set<number> }[]} */
  #cases = [];
  /** Places that are reached while modules load. @type {Set<number>} */
  #atLoad = new Set();
  #folder;
  #module;
  #count;

  /** @param {string} folder @param {string} module @param {number} count of mutants */
  constructor(folder, module, count) {
    this.#folder = folder;
    this.#module = module;
    this.#count = count;
    this.name = `suite of ${module.split("/")[1]}`;
  }

  /** Runs each case by itself without a mutant, and notes what it reaches. @param {(done: number, all: number) => void} progress */
  async measure(progress) {
    const first = this.#start(-1);
    const { names, hits } = await first.next();
    first.kill();
    this.#names = names;
    this.#atLoad = new Set(hits);
    let done = 0;
    const part = async (/** @type {number} */ index) => {
      /** @type {number[]} */
      const cases = names.flatMap((/** @type {string} */ _, /** @type {number} */ i) =>
        i % PARTS === index ? [i] : [],
      );
      for await (const message of this.#run(-1, cases, 1)) {
        if (message.event === "passed") {
          this.#cases.push({ ...message, hits: new Set(message.hits) });
          progress(++done, names.length);
        }
      }
    };
    await Promise.all(Array.from({ length: PARTS }, (_, i) => part(i)));
    this.#cases.sort((a, b) => a.time - b.time);
  }

  /** The data of `measure`, to be kept. */
  get measured() {
    return {
      names: this.#names,
      atLoad: [...this.#atLoad],
      cases: this.#cases.map((one) => ({ ...one, hits: [...one.hits] })),
    };
  }

  set measured({ names, atLoad, cases }) {
    this.#names = names;
    this.#atLoad = new Set(atLoad);
    this.#cases = cases.map((one) => ({ ...one, hits: new Set(one.hits) }));
  }

  /** The case that kills the mutant; undefined where nothing does. @param {import("./instrument.mjs").Mutant} mutant @returns {Promise<string | undefined>} */
  async kill({ id }) {
    const seeing = this.#atLoad.has(id) ? this.#cases : this.#cases.filter(({ hits }) => hits.has(id));
    /** @type {Set<number>} */
    const unsure = new Set();
    for (let rest = seeing.map(({ at }) => at); rest.length > 0; ) {
      const suspects = await this.#firstFailure(id, rest, TOGETHER);
      if (suspects === undefined) return undefined;
      // by themselves: other cases and other programs make a case fail, too
      const certain = await this.#firstFailure(id, suspects, 1);
      if (certain !== undefined) return `${this.#names[certain[0] ?? -1] ?? "none of its processes ends by itself"}`;
      for (const at of suspects) unsure.add(at);
      rest = rest.filter((at) => !unsure.has(at));
    }
    return undefined;
  }

  /** @type {(id: number, cases: readonly number[], together: number) => Promise<number[] | undefined>} */
  async #firstFailure(id, cases, together) {
    const left = new Set(cases);
    for await (const { event, at, cases: failed } of this.#run(id, cases, together)) {
      if (event === "failed") return failed;
      if (event === "passed") left.delete(at);
      if (event === "finished") return undefined;
    }
    return [...left].slice(0, together === 1 ? 1 : 2 * TOGETHER); // lost its process
  }

  /** @type {(id: number, cases: readonly number[], together: number) => AsyncGenerator<any, void, void>} */
  async *#run(id, cases, together) {
    const child = this.#start(id);
    try {
      const loaded = await child.next();
      if (loaded === undefined) return;
      child.send({ cases, together });
      for (;;) {
        const message = await child.next();
        if (message === undefined) return;
        yield message;
        if (message.event === "finished") return;
      }
    } finally {
      child.kill();
    }
  }

  /** @param {number} mutant */
  #start(mutant) {
    const env = { RINGLINE_MUTANT: `${mutant}`, RINGLINE_PATIENCE: PATIENCE };
    return new Child("suite-process.mjs", [this.#folder, this.#module, `${this.#count}`], env);
  }
}
