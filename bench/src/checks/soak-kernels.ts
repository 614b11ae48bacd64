import { body, defineKernel, defineMessage } from "@ringline/core";

/** A message of a soak: as many bytes as its round says. */
export const Piece = defineMessage("SoakPiece", body<{ n: number; bytes: Uint8Array }>());

/** One message in ten fails: what becomes of dead letters is part of the memory that is watched. */
export const fails = (n: number): boolean => n % 10 === 9;

function stage(id: string) {
  return defineKernel({
    id,
    module: import.meta.url,
    input: Piece,
    output: Piece,
    handle({ n, bytes }) {
      if (id === "soak-first" && fails(n)) throw new RangeError(`message ${n} is one that fails`);
      return Piece({ n, bytes });
    },
  });
}

export const soakFirst = stage("soak-first");
export const soakSecond = stage("soak-second");
