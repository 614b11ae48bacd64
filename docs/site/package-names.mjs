// A plugin of TypeDoc: modules have the names by which people import them, such as "@ringline/nats/testing".
import { Converter, ReflectionKind } from "typedoc";

/** @param {import("typedoc").Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getChildrenByKind(ReflectionKind.Module)) module.name = importName(module.name);
  });
}

/**
 * @param {string} path of an entry below `packages`, without its ending
 * @returns {string}
 */
function importName(path) {
  return `@ringline/${path.replace(/\/src(\/index)?/, "")}`;
}
