import type { Backend } from "@ringline/core";
import type { Incarnation, Inlet, Manifest, Outlet, Port, PortSpec, UnitSpec } from "@ringline/core/backend";
import type { Clock } from "@ringline/core/internal";
import type { Law } from "../../src/case.js";
import { memoryBackend } from "../../src/keepers/memory-backend.js";

/** A backend that breaks one law in one way. */
export interface BrokenBackend {
  readonly name: string;
  readonly law: Law;
  /** Description of the fault, for the table in the documentation. */
  readonly does: string;
  /** The name of a case of that law which catches it. */
  readonly caughtBy: string;
  /** Told apart by time: its case runs while no other does. */
  readonly isTimed?: true;
  create(): Backend;
  lose?(place: string): void | Promise<void>;
}

/** Faults, each at the seam between core and the backend. */
export interface Faults {
  readonly manifest?: Partial<Manifest>;
  clock?(clock: Clock): Clock;
  /** Opens a port by `open`, with a spec that may be another one. */
  port?(spec: PortSpec, open: (spec: PortSpec) => Promise<Port>): Promise<Port>;
  unit?(unit: UnitSpec): UnitSpec;
  incarnation?(incarnation: Incarnation): Incarnation;
  start?(): void;
}

const same = <T>(value: T): T => value;

/** A sound backend with faults. */
export function spoiled({ manifest, clock = same, port, unit = same, incarnation = same, start }: Faults): Backend {
  const sound = memoryBackend();
  return {
    manifest: { ...sound.manifest, ...manifest },
    async start(core) {
      start?.();
      const changed = { ...core, clock: clock(core.clock) };
      const place = await sound.start(changed);
      return {
        openPort: (spec, signal) =>
          port === undefined ? place.openPort(spec, signal) : port(spec, (other) => place.openPort(other, signal)),
        spawn: async (spec, start) => incarnation(await place.spawn(unit({ ...spec, clock: changed.clock }), start)),
        dispose: () => place.dispose(),
      };
    },
  };
}

/** The same port but for the parts that are given. */
export function portWith(
  port: Port,
  {
    outlet,
    inlet,
    ...rest
  }: Partial<Omit<Port, "outlet" | "inlet">> & { outlet?: Partial<Outlet>; inlet?: Partial<Inlet> },
): Port {
  return {
    outlet: {
      tryPush: (message) => port.outlet.tryPush(message),
      push: (message, wait) => port.outlet.push(message, wait),
      ...outlet,
    },
    inlet: {
      tryTake: () => port.inlet.tryTake(),
      whenReadable: (callback) => port.inlet.whenReadable(callback),
      settle: (message, outcome, attempts) => port.inlet.settle(message, outcome, attempts),
      attemptsOf: (message) => port.inlet.attemptsOf(message),
      ...inlet,
    },
    gate: (open) => port.gate(open),
    seal: (error) => port.seal(error),
    idle: (wait) => port.idle(wait),
    recover: () => port.recover(),
    remove: () => port.remove(),
    stats: () => port.stats(),
    adopt: port.adopt?.bind(port),
    ...rest,
  };
}

/** Spoils each input, or each output, once it is open. */
export function eachPort(
  direction: PortSpec["direction"],
  spoil: (port: Port, spec: PortSpec) => Port,
): NonNullable<Faults["port"]> {
  return async (spec, open) => {
    const port = await open(spec);
    return spec.direction === direction ? spoil(port, spec) : port;
  };
}

/** The same incarnation but for the parts that are given. */
export function incarnationWith(incarnation: Incarnation, changes: Partial<Incarnation>): Incarnation {
  return {
    exited: incarnation.exited,
    setActive: (active) => incarnation.setActive(active),
    stop: (mode) => incarnation.stop(mode),
    flush: () => incarnation.flush(),
    stats: () => incarnation.stats(),
    ...changes,
  };
}
