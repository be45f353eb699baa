import { type CommandSpec, commonOptions } from "../command-spec.ts";

export const runSpec = {
  name: "run",
  summary: "runs a command in one place at a time",
  operands: "--key KEY [OPTION…] -- COMMAND [ARG…]",
  description: `Takes part in an election and runs COMMAND each time it is elected. When leadership ends, COMMAND and
all that it has started are ended (SIGTERM, --grace, SIGKILL), and dead before anybody else can be
elected; then it campaigns again. When COMMAND ends by itself, so does this, with its exit code.`,
  takesCommand: true,
  options: {
    key: { value: "KEY", help: "which election; required" },
    store: commonOptions.store,
    ttl: { value: "10s", help: "how long the lease lasts if it is not renewed" },
    renew: { value: "3s", help: "from one renewal to the next; default: 30 % of the ttl" },
    "node-id": { value: "ID", help: "a name for people; default: random" },
    metadata: { value: "TEXT", help: "what others should know of the leader, such as its address" },
    grace: { value: "5s", help: "from SIGTERM to SIGKILL; less where the lease would end before" },
    try: { help: "do not wait: if another leads, exit 75 at once; implies --once" },
    wait: { value: "TIME", help: "wait for at most so long, then exit 75; implies --once" },
    once: { help: "end when leadership is lost, in place of campaigning again (exit 75)" },
    "on-elected": { value: "CMD", help: "a shell command to run before COMMAND starts" },
    "on-lost": { value: "CMD", help: "a shell command to run when COMMAND has been ended" },
    "status-file": { value: "PATH", help: "a file that exists only while this leads" },
    http: {
      value: "HOST:PORT",
      help: "serve /leader /livez /readyz /metrics; a bare port is on 127.0.0.1",
    },
    log: { value: "text|json", help: "the form of the lines on standard error" },
    verbose: { short: "v", help: "say more" },
    help: commonOptions.help,
  },
  notes: `COMMAND finds INCUMBENT_KEY, INCUMBENT_NODE_ID and INCUMBENT_TOKEN (the fencing token) in its environment.
SIGTERM, SIGINT and SIGQUIT end it, all that it has started, and this. SIGHUP, SIGUSR1, SIGUSR2 and SIGWINCH
go to COMMAND alone.

Exit code: that of COMMAND, or 1 in place of 0 when a hook or the status file failed; 128+n for a signal; 64 usage; 126 and 127 when COMMAND cannot be executed or
found; 75 with --try or --wait when it was not elected (69 when the store did not answer), and with --once
when leadership was lost.

  incumbent run --key nightly --store redis://cache:6379 -- node nightly.js
  incumbent run --key kiosk --grace 1s -- ./kiosk --fullscreen`,
} as const satisfies CommandSpec;
