import { type AnyRinglineError, type Backend, errors } from "@ringline/core";
import type { Incarnation, StopMode, UnitSpec } from "@ringline/core/backend";
import type { Exit } from "@ringline/core/internal";
import { type Faults, spoiled } from "./broken-backend.js";

/** Faults at the loss of a place. */
export interface LossFaults extends Faults {
  /** The error that says what happened. */
  error?(error: AnyRinglineError, unit: UnitSpec): AnyRinglineError;
  exit?(exit: Exit): Exit;
  /** Name of the place, for `inspect`. */
  place?(name: string): string | undefined;
  /** The kernels that a loss costs, of all that run. */
  victims?(of: readonly Lost[], all: readonly Lost[]): readonly Lost[];
  /** True if the loss is not noticed. */
  isUnnoticed?(unit: UnitSpec): boolean;
  /** True if the body goes on. */
  goesOn?: boolean;
}

/** The kernels whose place was lost, and how often. */
export class Losses {
  readonly #counts = new Map<string, number>();
  readonly #listeners = new Map<string, (() => void)[]>();

  of(kernelId: string): number {
    return this.#counts.get(kernelId) ?? 0;
  }

  /** Calls back at each loss of the kernel's place. */
  on(kernelId: string, lost: () => void): void {
    this.#listeners.set(kernelId, [...(this.#listeners.get(kernelId) ?? []), lost]);
  }

  add(kernelId: string): void {
    this.#counts.set(kernelId, this.of(kernelId) + 1);
    for (const lost of this.#listeners.get(kernelId) ?? []) lost();
  }
}

/** An incarnation whose place can be lost. */
class Lost implements Incarnation {
  readonly exited: Promise<Exit>;
  readonly place: string | undefined;
  readonly #inner: Incarnation;
  readonly #unit: UnitSpec;
  readonly #losses: Losses;
  readonly #faults: LossFaults;
  #lose!: (exit: Exit) => void;

  constructor(inner: Incarnation, unit: UnitSpec, place: string, losses: Losses, faults: LossFaults) {
    this.#inner = inner;
    this.#unit = unit;
    this.place = faults.place === undefined ? place : faults.place(place);
    this.#losses = losses;
    this.#faults = faults;
    const lost = new Promise<Exit>((resolve) => {
      this.#lose = resolve;
    });
    this.exited = Promise.race([inner.exited, lost]);
  }

  setActive = (active: boolean) => this.#inner.setActive(active);
  stop = (mode: StopMode) => this.#inner.stop(mode);
  flush = () => this.#inner.flush();
  stats = () => this.#inner.stats();

  lose(host: string): void {
    const { error = (same) => same, exit = (same) => same, isUnnoticed, goesOn } = this.#faults;
    const { id } = this.#unit.kernel;
    if (isUnnoticed?.(this.#unit)) return;
    this.#losses.add(id);
    const lost = error(new errors.HOST_LOST({ host, reason: "it was ended" }, { kernelId: id }), this.#unit);
    this.#unit.reports.error(lost, undefined);
    this.#lose(exit({ kind: "failed", error: lost }));
    if (!goesOn) void this.#inner.stop("abandon");
  }
}

/** Kernels that share a place. */
const SHARING = 2;

/** A sound backend in memory whose places can be lost, with faults. */
export function losable(spoil: (losses: Losses) => LossFaults = () => ({})): {
  create(): Backend;
  lose(place: string): void;
} {
  const places = new Map<string, Set<Lost>>();
  let last = 0;
  const next = (): string => {
    const free = [...places].find(([, kernels]) => kernels.size < SHARING)?.[0] ?? `place ${++last}`;
    if (!places.has(free)) places.set(free, new Set());
    return free;
  };
  let victims: NonNullable<LossFaults["victims"]> = (of) => of;
  return {
    create() {
      const losses = new Losses();
      const faults = spoil(losses);
      if (faults.victims !== undefined) victims = faults.victims;
      const inner = spoiled({ ...faults, manifest: { capabilities: { losable: true }, ...faults.manifest } });
      return {
        manifest: inner.manifest,
        async start(core) {
          const place = await inner.start(core);
          return {
            openPort: (spec, signal) => place.openPort(spec, signal),
            async spawn(unit, start) {
              const name = next();
              const one = new Lost(await place.spawn(unit, start), unit, name, losses, faults);
              places.get(name)?.add(one);
              void one.exited.then(() => places.get(name)?.delete(one));
              return one;
            },
            dispose: () => place.dispose(),
          };
        },
      };
    },
    lose(name) {
      const of = [...(places.get(name) ?? [])];
      places.delete(name);
      for (const one of victims(of, [...of, ...[...places.values()].flatMap((all) => [...all])])) one.lose(name);
    },
  };
}
