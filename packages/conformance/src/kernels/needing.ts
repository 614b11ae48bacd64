import { type AnyKernel, type BackendExtensions, defineKernel } from "@ringline/core";
import { Task } from "./messages.js";

/** A sink that cannot do without a capability. Made at run time: it is for launches that are refused. */
export function needing(capability: string): AnyKernel {
  const needs = [capability as keyof BackendExtensions];
  return defineKernel({ id: `needing ${capability}`, input: Task, needs, handle() {} });
}
