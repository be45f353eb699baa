import { homedir } from "node:os";
import { join } from "node:path";

/** An SQLite file of the user's, so that everything works on one machine with nothing installed. */
export function defaultStore(env: NodeJS.ProcessEnv): string {
  return `sqlite:${join(stateDirectory(env), "incumbent", "leases.db")}`;
}

function stateDirectory(env: NodeJS.ProcessEnv): string {
  const given = env["XDG_STATE_HOME"] || (process.platform === "win32" && env["LOCALAPPDATA"]);
  return given || join(homedir(), ".local", "state");
}
