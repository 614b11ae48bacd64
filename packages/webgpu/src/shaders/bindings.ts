import type { BindingKind } from "./shader.js";

/** Bindings of a shader, numbered in the order of declaration. */
export class Bindings {
  readonly kinds: BindingKind[] = [];

  storage(access: "read" | "read_write", declaration: string): string {
    return this.#declare(`storage, ${access}`, access === "read" ? "read-only-storage" : "storage", declaration);
  }

  /** A uniform, bound with an offset that is given with each use. */
  uniform(declaration: string): string {
    return this.#declare("uniform", "uniform", declaration);
  }

  #declare(space: string, kind: BindingKind, declaration: string): string {
    this.kinds.push(kind);
    return `@group(0) @binding(${this.kinds.length - 1}) var<${space}> ${declaration};`;
  }
}
