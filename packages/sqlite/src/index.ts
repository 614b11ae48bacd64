export { type SqliteOptions, sqlite } from "./sqlite.js";
