import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { UsageError } from "./usage-error.ts";

/**
 * The URL of an SQLite file in the user's state directory, so that everything works on one machine without
 * a server. Throws a {@link UsageError} if the user has no such directory.
 */
export function defaultStore(env: NodeJS.ProcessEnv): string {
  return `sqlite:${join(directoryOf(env), "leases.db")}`;
}

/** The same for a command that campaigns: it also creates the directory, accessible to this user only. */
export function makeDefaultStore(env: NodeJS.ProcessEnv): string {
  try {
    mkdirSync(directoryOf(env), { recursive: true, mode: 0o700 });
  } catch {
    // The first request to the store reports the problem.
  }
  return defaultStore(env);
}

function directoryOf(env: NodeJS.ProcessEnv): string {
  return join(stateDirectory(env), "incumbent");
}

function stateDirectory(env: NodeJS.ProcessEnv): string {
  const given = env["XDG_STATE_HOME"] || (process.platform === "win32" && env["LOCALAPPDATA"]);
  // The XDG specification says to ignore a relative path, which would be another store in each directory.
  if (given && isAbsolute(given)) return given;
  const home = homeDirectory();
  if (home !== undefined && isAbsolute(home)) return join(home, ".local", "state");
  throw new UsageError(
    "--store is required: this user has no home directory for the default store. Example: --store sqlite:/var/lib/app/leases.db.",
  );
}

/** The user of a container may have neither HOME nor an entry in /etc/passwd. */
function homeDirectory(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
