import { type CommandSpec, commonOptions } from "../command-spec.ts";

export const runSpec = {
  name: "run",
  summary: "run a command only while elected",
  operands: "--key KEY [OPTION…] -- COMMAND [ARG…]",
  description: `Campaigns in an election, and runs COMMAND each time this process is elected. When leadership ends, COMMAND
and its child processes are ended (SIGTERM, --grace, SIGKILL), and are dead before another process can be
elected; then this process campaigns again. When COMMAND ends by itself, this process exits with its code.`,
  takesCommand: true,
  options: {
    key: { value: "KEY", help: "name of the election; required" },
    store: commonOptions.store,
    ttl: { value: "10s", help: "duration of the lease if it is not renewed" },
    renew: { value: "3s", help: "time between two renewals; default: 30 % of the ttl" },
    "node-id": { value: "ID", help: "name of this process in output and logs; default: random" },
    metadata: {
      value: "TEXT",
      help: "text about the leader that others can read, such as its address",
    },
    grace: { value: "5s", help: "time from SIGTERM to SIGKILL; less if the lease ends earlier" },
    try: { help: "do not wait: exit 75 at once if another process leads; implies --once" },
    wait: {
      value: "TIME",
      help: "wait at most this long to be elected, then exit 75; implies --once",
    },
    once: { help: "exit 75 when leadership is lost, instead of campaigning again" },
    "on-elected": { value: "CMD", help: "shell command to run before COMMAND starts" },
    "on-lost": { value: "CMD", help: "shell command to run after COMMAND has ended" },
    "status-file": { value: "PATH", help: "file that exists only while this process leads" },
    http: {
      value: "HOST:PORT",
      help: "serve /leader /livez /readyz /metrics; a port alone means 127.0.0.1",
    },
    log: { value: "text|json", help: "log format on standard error" },
    verbose: { short: "v", help: "verbose logging" },
    help: commonOptions.help,
  },
  notes: `COMMAND gets INCUMBENT_KEY, INCUMBENT_NODE_ID and INCUMBENT_TOKEN (the fencing token) in its environment.
SIGTERM, SIGINT and SIGQUIT end COMMAND, its child processes, and this process. SIGHUP, SIGUSR1, SIGUSR2 and
SIGWINCH are forwarded to COMMAND only.

Exit code: that of COMMAND, or 1 instead of 0 if a hook or the status file failed; 128+n for a signal; 64 for
a usage error; 126 or 127 if COMMAND cannot be executed or found; with --try or --wait, 75 if the process was
not elected and 69 if the store did not answer; with --once, 75 if leadership was lost.

  incumbent run --key nightly --store redis://cache:6379 -- node nightly.js
  incumbent run --key kiosk --grace 1s -- ./kiosk --fullscreen`,
} as const satisfies CommandSpec;
