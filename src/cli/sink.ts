import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import type { Writable } from "node:stream";
import { isatty } from "node:tty";

/** Accepts bytes without ever waiting for their reader. */
export interface Sink {
  readonly isTerminal: boolean;
  /** Returns how many bytes were accepted: 0 if there is no room now, `"gone"` if writing is impossible. */
  send(bytes: Uint8Array): number | "gone";
  close(): Promise<void>;
}

/** How long the last bytes may take to be read when the process ends, in ms. */
const LAST_WORDS = 500;

/**
 * A sink for an inherited descriptor, which the command inherits too. Setting it to non-blocking would
 * affect the command as well, so the file behind it is opened once more. This is impossible for a socket
 * or another user's pipe: a `cat` process then waits for the reader in our place.
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

/** Files, and devices such as /dev/null. A second descriptor of a file would overwrite it from the start. */
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
  // In its own session, so that a signal from the terminal does not end it.
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
  // Its reader has stopped reading.
  cat.kill("SIGKILL");
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
