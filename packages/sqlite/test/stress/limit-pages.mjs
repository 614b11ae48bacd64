/**
 * @typedef {{ exec(sql: string): unknown, close(): void }} Database
 * @typedef {{ new (path: string): Database, readonly prototype: Database }} Driver
 */

/**
 * Limits the size of SQLite files that this process opens from now on, so that they become full: SQLite itself refuses pages
 * beyond. Returns a function that lifts the limit.
 * @param {number} pages
 */
export async function limitPages(pages) {
  const { prototype } = await loadDriver();
  const { exec } = prototype;
  const opened = /** @type {Set<Database>} */ (new Set());
  prototype.exec = function (sql) {
    if (!opened.has(this)) exec.call(this, `PRAGMA max_page_count = ${pages}`);
    opened.add(this);
    return exec.call(this, sql);
  };
  return () => {
    for (const database of opened) exec.call(database, "PRAGMA max_page_count = 1000000");
  };
}

/** The driver that the keeper uses; rejects where there is none. @returns {Promise<Driver>} */
export async function loadDriver() {
  const [ofNode, other] = ["node:sqlite", "better-sqlite3"];
  return (
    (await import(/** @type {string} */ (ofNode)).catch(() => undefined))?.DatabaseSync ??
    (await import(/** @type {string} */ (other))).default
  );
}
