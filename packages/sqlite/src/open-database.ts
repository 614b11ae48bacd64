import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { deserialize } from "node:v8";
import { errors } from "@ringline/core";
import { packValue } from "@ringline/remote";
import { type Database, loadDriver } from "./driver.js";
import { unavailable } from "./failures.js";
import { inTransaction } from "./transaction.js";

/** "Ring", the SQLite application id of these files. */
const APPLICATION = 0x52696e67;
/** Version of the tables and of the pieces in them. Older versions are migrated, newer ones rejected. */
const SCHEMA = 3;
/** Milliseconds that a statement waits for a lock, during which the event loop is blocked. */
const PATIENCE = 20;
/** Attempts to open a locked file, and milliseconds between them. */
const TRIES = 100;
const PAUSE = 30;
/** Maximum bytes that the write-ahead log keeps after a checkpoint. */
const LOG_SIZE = 4 * 1024 * 1024;

const PIECES = `
  CREATE TABLE pieces (
    id INTEGER PRIMARY KEY AUTOINCREMENT, log INTEGER NOT NULL REFERENCES logs (id), records BLOB NOT NULL
  );
  CREATE INDEX pieces_of_log ON pieces (log, id);
`;
const TABLES = `
  CREATE TABLE logs (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
    owner TEXT, host TEXT, pid INTEGER, wanted TEXT
  );
  ${PIECES}
`;

/** Opens a database file, creating it if needed, and checks it. Rejects with `BACKEND_UNAVAILABLE`. */
export async function openDatabase(path: string, synchronous: "full" | "normal"): Promise<Database> {
  const Driver = await loadDriver().catch((cause: unknown) => {
    throw unavailable(
      path,
      cause,
      "Install better-sqlite3 (npm install better-sqlite3@12), or use Node 22.13 or later.",
    );
  });
  const folder = dirname(path);
  if (!existsSync(folder)) throw unavailable(path, new Error(`there is no folder ${folder}`), "Make its folder.");
  for (let tries = 1; ; tries++) {
    let database: Database | undefined;
    try {
      database = new Driver(path);
      prepare(database, path, synchronous);
      return database;
    } catch (error) {
      database?.close();
      const failure = error instanceof errors.BACKEND_UNAVAILABLE ? error : unavailable(path, error);
      if (!failure.remedy.includes("lock") || tries >= TRIES) throw failure;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}

function prepare(database: Database, path: string, synchronous: "full" | "normal"): void {
  database.exec(`PRAGMA busy_timeout = ${PATIENCE}`);
  const { application_id: application } = database.prepare("PRAGMA application_id").get() as { application_id: number };
  const { user_version: version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  const tables = database.prepare("SELECT count(*) AS count FROM sqlite_master").get() as { count: number };
  const isNew = application === 0 && version === 0 && tables.count === 0;
  if (!isNew && application !== APPLICATION) {
    throw unavailable(
      path,
      new Error("it holds tables of another program"),
      "Name another file: this one holds something else.",
    );
  }
  if (version > SCHEMA) {
    const cause = new Error(`its schema is ${version}, and this release knows ${SCHEMA}`);
    throw unavailable(path, cause, "It was written by a newer release of @ringline/sqlite: use that one.");
  }
  const [check] = Object.values(database.prepare("PRAGMA integrity_check(1)").get() as Record<string, unknown>);
  if (check !== "ok") {
    throw unavailable(
      path,
      new Error(String(check)),
      "The file is damaged: put a copy of it in its place, or move it away and begin anew.",
    );
  }
  if (isNew) database.exec("PRAGMA auto_vacuum = INCREMENTAL");
  database.exec("PRAGMA journal_mode = WAL");
  database.exec(`PRAGMA journal_size_limit = ${LOG_SIZE}`);
  database.exec(`PRAGMA synchronous = ${synchronous}`);
  if (version < SCHEMA) migrate(database);
  else database.exec("BEGIN IMMEDIATE; ROLLBACK"); // checks that the file is writable
}

/** Creates the tables, or migrates those of an earlier release, in one transaction. */
function migrate(database: Database): void {
  inTransaction(database, () => {
    // another program may have migrated in between
    const { user_version: version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
    if (version === SCHEMA) return;
    if (version === 0) database.exec(TABLES);
    else if (version === 1) fromFrames(database);
    database.exec(`PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${SCHEMA}`);
  });
}

/** Migrates schema 1, whose rows were written by `v8.serialize`, which other engines cannot read. */
function fromFrames(database: Database): void {
  database.exec(`ALTER TABLE flows RENAME TO logs; ${PIECES}`);
  const insert = database.prepare("INSERT INTO pieces (log, records) VALUES (?, ?)");
  const rows = database.prepare("SELECT flow, records FROM frames ORDER BY flow, first").all();
  for (const { flow, records } of rows as { flow: number; records: Uint8Array }[]) {
    insert.run(flow, packValue(deserialize(records)));
  }
  database.exec("DROP TABLE frames");
}
