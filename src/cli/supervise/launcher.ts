import { isExecutable, isStartable } from "./startable.ts";

/** What to start in place of a program, so that the program waits for a word. */
export interface Launcher {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

const SHELL = "/bin/sh";
const ENV = "/usr/bin/env";

/**
 * Waits for a line on descriptor 3, and becomes the program. Without the line, since the other end was
 * closed, it ends. Its own standard error is not the program's, which waits as descriptor 4: a shell that is
 * started with an unknown locale, for example, complains.
 */
const script = `read -r INCUMBENT_GO <&3 || exit; exec ${ENV} "$@" 2>&4 3<&- 4>&-`;

/**
 * Variables that the launcher itself does not get, and the program does, as arguments of `env`: those that one shell
 * or another sets, changes or drops, and those of the loader, which may suit the program alone. None holds a secret.
 */
const WITHHELD =
  /^(?:_|PWD|OLDPWD|SHLVL|IFS|OPTIND|OPTERR|PPID|LINENO|PS[0-4]|POSIXLY_CORRECT|SHELLOPTS|BASH\w*|S?RANDOM|SECONDS|EPOCH(?:SECONDS|REALTIME)|COMP_WORDBREAKS|HISTCMD|FUNCNAME|DIRSTACK|GROUPS|PIPESTATUS|E?UID|INCUMBENT_GO|(?:LD|DYLD)_\w+)$/;
/** Those that a shell adds. */
const ADDED = ["_", "PWD", "OLDPWD", "SHLVL"];

/**
 * A launcher for a program: a shell that reads its descriptor 3 and then becomes the program, which keeps its
 * pid, arguments, environment and descriptors. Returns `undefined` if that is not certain, because the program
 * may fail to start (the launcher could not say how) or because a shell would drop a part of the environment.
 *
 * @param deaf Whether the program is to ignore SIGHUP.
 */
export function launcherFor(
  [name = "", ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  deaf: boolean,
): Launcher | undefined {
  const isForEnv = name.startsWith("-") || name.includes("=");
  if (process.platform === "win32" || isForEnv || !Object.keys(env).every(isCarried)) return;
  if (![SHELL, ENV].every(isExecutable) || !isStartable(name, env["PATH"])) return;
  const removed = ADDED.filter((variable) => env[variable] === undefined);
  const restored: string[] = [];
  const given: NodeJS.ProcessEnv = {};
  for (const [variable, value] of Object.entries(env)) {
    if (!WITHHELD.test(variable)) given[variable] = value;
    else if (value !== undefined) restored.push(`${variable}=${value}`);
  }
  return {
    file: SHELL,
    args: [
      ...["-c", deaf ? `trap "" HUP; ${script}` : script, "sh"],
      ...[...removed.flatMap((variable) => ["-u", variable]), ...restored, name, ...args],
    ],
    env: given,
  };
}

/** Whether a shell passes a variable on. */
function isCarried(variable: string): boolean {
  return /^[A-Za-z_]\w*$/.test(variable);
}
