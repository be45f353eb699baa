import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import type { Writable } from "node:stream";
import { isatty } from "node:tty";

/** Takes bytes without ever waiting for whoever reads them. */
export interface Sink {
  readonly isTerminal: boolean;
  /** How many bytes were taken: 0 when there is no room now, `"gone"` when they cannot be written. */
  send(bytes: Uint8Array): number | "gone";
  close(): Promise<void>;
}

/** How long what was sent last may be on its way when everything ends, in ms. */
const LAST_WORDS = 500;

/**
 * A sink for a descriptor that was inherited, and that a command inherits too. What can be opened once
 * more is non-blocking for us alone. A socket, or a pipe of another user, cannot: `cat` then waits in our
 * place.
 */
export function openSink(descriptor: number): Sink {
  const isTerminal = isatty(descriptor);
  if (neverWaits(descriptor, isTerminal)) return directly(descriptor, isTerminal);
  try {
    const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
    const own = openSync(`/proc/self/fd/${descriptor}`, flags);
    return { ...directly(own, isTerminal), close: async () => closeSync(own) };
  } catch {
    return throughCat(descriptor) ?? directly(descriptor, isTerminal);
  }
}

/** Files, and devices such as /dev/null. A file opened again would be written from its beginning. */
function neverWaits(descriptor: number, isTerminal: boolean): boolean {
  try {
    const stat = fstatSync(descriptor);
    return stat.isFile() || (stat.isCharacterDevice() && !isTerminal);
  } catch {
    return true;
  }
}

function directly(descriptor: number, isTerminal: boolean): Sink {
  return {
    isTerminal,
    send(bytes) {
      try {
        return writeSync(descriptor, bytes);
      } catch (error) {
        return error instanceof Error && "code" in error && error.code === "EAGAIN" ? 0 : "gone";
      }
    },
    close: async () => {},
  };
}

function throughCat(descriptor: number): Sink | undefined {
  // A session of its own: what a terminal sends to us must not end it.
  const cat = spawn("cat", { stdio: ["pipe", descriptor, "ignore"], detached: true });
  cat.on("error", () => {});
  const { stdin } = cat;
  if (cat.pid === undefined || stdin === null) return undefined;
  stdin.on("error", () => {});
  cat.unref();
  return {
    isTerminal: false,
    send(bytes) {
      if (hasEnded(cat) || !stdin.writable) return "gone";
      if (stdin.writableLength > 0) return 0;
      stdin.write(bytes);
      return bytes.length;
    },
    close: () => endCat(cat, stdin),
  };
}

async function endCat(cat: ChildProcess, stdin: Writable): Promise<void> {
  stdin.end();
  if (hasEnded(cat)) return;
  cat.ref();
  await once(cat, "exit", { signal: AbortSignal.timeout(LAST_WORDS) }).catch(() => {});
  // Its reader has stopped for good.
  cat.kill("SIGKILL");
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
