/**
 * A process with number 1 inherits every orphan of its container and must take note of their deaths, or
 * they stay as zombies. A shell does that, and passes signals and exit codes on; Node.js cannot.
 */
export const initScript = `
"$@" <&0 & child=$!
for signal in TERM INT QUIT HUP USR1 USR2 WINCH; do
  trap "kill -$signal $child 2>/dev/null" $signal
done
while :; do
  wait $child; code=$?
  # A signal ends the wait, not the child.
  kill -0 $child 2>/dev/null || exit $code
done
`;

type Execve = (file: string, args: readonly string[], env: NodeJS.ProcessEnv) => never;

/**
 * As process 1 of a container: puts a shell into our place that runs this same command line and buries
 * the dead. Returns, with a word of warning, where Node.js cannot be replaced (before 22.15).
 */
export function makeWayForInit(warn: (text: string) => void): void {
  if (process.pid !== 1 || process.platform !== "linux") return;
  if (!("execve" in process)) {
    warn(
      "as process 1 on this Node.js, zombies are not buried: use Node.js 22.15 or later, or an init (docker run --init)\n",
    );
    return;
  }
  const execve = process.execve as Execve; // Newer than the types of the oldest Node.js we support.
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  execve("/bin/sh", ["sh", "-c", initScript, "incumbent", ...again], process.env);
}
