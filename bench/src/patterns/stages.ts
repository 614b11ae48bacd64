import type { Header, Kernel, MessageType } from "@ringline/core";
import * as kernels from "./kernels.js";
import { Large, Medium, type Payload, Small } from "./payloads.js";

export const WORKS = ["none", "5us", "50us", "500us", "data"] as const;
export type Work = (typeof WORKS)[number];

/** A message of any of the payloads. */
type AnyPiece = Header & { readonly n: number };
export type StageKernel = Kernel<string, AnyPiece, AnyPiece>;

/** The kernels and the message of one payload. Their types differ; the topologies are the same for all. */
export interface Stages {
  readonly message: MessageType<string, { n: number }, { n: number }, unknown>;
  /** By the work for each message. */
  readonly by: Readonly<Record<Work, StageKernel>>;
  readonly slow: StageKernel;
  readonly failing: StageKernel;
  readonly joined: StageKernel;
  /** Makes one message of the two that come from two branches. */
  readonly pair: (parts: { readonly b: AnyPiece; readonly c: AnyPiece }) => AnyPiece;
}

const small = {
  message: Small,
  by: {
    none: kernels.smallNone,
    "5us": kernels.smallShort,
    "50us": kernels.smallBusy,
    "500us": kernels.smallLong,
    data: kernels.smallData,
  },
  slow: kernels.smallSlow,
  failing: kernels.smallFailing,
  joined: kernels.smallJoined,
  pair: ({ b, c }: Parts<typeof Small>) => kernels.SmallPair({ n: b.n, b: b.values, c: c.values }),
} as unknown as Stages;

const medium = {
  message: Medium,
  by: {
    none: kernels.mediumNone,
    "5us": kernels.mediumShort,
    "50us": kernels.mediumBusy,
    "500us": kernels.mediumLong,
    data: kernels.mediumData,
  },
  slow: kernels.mediumSlow,
  failing: kernels.mediumFailing,
  joined: kernels.mediumJoined,
  pair: ({ b: { n, name, note, tags, labels, readings }, c }: Parts<typeof Medium>) =>
    kernels.MediumPair({ n, name, note, tags, labels, b: readings, c: c.readings }),
} as unknown as Stages;

const large = {
  message: Large,
  by: {
    none: kernels.largeNone,
    "5us": kernels.largeShort,
    "50us": kernels.largeBusy,
    "500us": kernels.largeLong,
    data: kernels.largeData,
  },
  slow: kernels.largeSlow,
  failing: kernels.largeFailing,
  joined: kernels.largeJoined,
  pair: ({ b, c }: Parts<typeof Large>) => kernels.LargePair({ n: b.n, b: b.values, c: c.values }),
} as unknown as Stages;

interface Parts<T extends { readonly "~message": unknown }> {
  readonly b: T["~message"];
  readonly c: T["~message"];
}

export const STAGES: Readonly<Record<Payload, Stages>> = { "64B": small, "1KB": medium, "64KB": large, "4MB": large };
