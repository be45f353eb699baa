import { spawn } from "node:child_process";
import type { Elector } from "../../elector/elector.ts";

/**
 * Notifies systemd, if the unit has `Type=notify` and `NotifyAccess=all`, that this process is ready and
 * whether it leads. Uses the program `systemd-notify`, since Node.js has no Unix datagram sockets.
 */
export function notifySystemd(elector: Elector, env: NodeJS.ProcessEnv): () => void {
  if (env["NOTIFY_SOCKET"] === undefined) return () => {};
  const notify = (...states: string[]) => {
    const child = spawn("systemd-notify", states, { stdio: "ignore", env });
    child.on("error", () => {});
    child.unref();
  };
  notify("--ready", "--status=following");
  const stopListening = [
    elector.on("elected", ({ term }) => notify(`--status=leading, token ${term.token}`)),
    elector.on("deposed", () => notify("--status=following")),
  ];
  return () => {
    for (const stop of stopListening) stop();
    notify("STOPPING=1");
  };
}
