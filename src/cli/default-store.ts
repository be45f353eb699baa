import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { UsageError } from "./usage-error.ts";

/**
 * An SQLite file of the user's, so that everything works on one machine with nothing installed. Throws a
 * {@link UsageError} if the user has no place for it.
 */
export function defaultStore(env: NodeJS.ProcessEnv): string {
  return `sqlite:${join(directoryOf(env), "leases.db")}`;
}

/** The same for a command that takes part: it makes the directory, for this user alone. */
export function makeDefaultStore(env: NodeJS.ProcessEnv): string {
  try {
    mkdirSync(directoryOf(env), { recursive: true, mode: 0o700 });
  } catch {
    // The first request says what is wrong with it.
  }
  return defaultStore(env);
}

function directoryOf(env: NodeJS.ProcessEnv): string {
  return join(stateDirectory(env), "incumbent");
}

function stateDirectory(env: NodeJS.ProcessEnv): string {
  const given = env["XDG_STATE_HOME"] || (process.platform === "win32" && env["LOCALAPPDATA"]);
  // Its specification says to ignore a relative one. It would be another store in each directory.
  if (given && isAbsolute(given)) return given;
  const home = homeDirectory();
  if (home !== undefined && isAbsolute(home)) return join(home, ".local", "state");
  throw new UsageError(
    "--store is needed, since this user has no home directory for the default; for example --store sqlite:/var/lib/app/leases.db.",
  );
}

/** A container's user may have neither HOME nor an entry in the list of users. */
function homeDirectory(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
