/**
 * Process 1 of a container becomes the parent of every orphan and must reap it, or a zombie remains. A shell
 * does that, and can pass on signals and exit codes; Node.js cannot reap processes that it did not start.
 */
export const initScript = `
"$@" <&0 & child=$!
for signal in TERM INT QUIT HUP USR1 USR2 WINCH; do
  trap "kill -$signal $child 2>/dev/null" $signal
done
while :; do
  wait $child; code=$?
  # A signal interrupts the wait without ending the child.
  kill -0 $child 2>/dev/null || exit $code
done
`;

type Execve = (file: string, args: readonly string[], env: NodeJS.ProcessEnv) => never;

/**
 * If this is process 1 of a container, replaces it by a shell that runs the same command line and reaps
 * zombies. On Node.js before 22.15, which cannot be replaced, this warns and returns.
 */
export function makeWayForInit(warn: (text: string) => void): void {
  if (process.pid !== 1 || process.platform !== "linux") return;
  if (!("execve" in process)) {
    warn(
      "zombie processes cannot be reaped: as process 1, use Node.js 22.15 or later, or an init (docker run --init)\n",
    );
    return;
  }
  const execve = process.execve as Execve; // Newer than the types of the oldest Node.js we support.
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  execve("/bin/sh", ["sh", "-c", initScript, "incumbent", ...again], process.env);
}
