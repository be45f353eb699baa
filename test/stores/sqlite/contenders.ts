import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

interface Call {
  readonly call: "contend" | "acquire" | "renew" | "release" | "read" | "close";
  readonly nonce?: string;
  readonly terms?: number;
  readonly fields?: object;
}

export interface Contender {
  readonly process: ChildProcess;
  /** The answer of its store. Rejects with the message of an error. */
  ask(call: Call): Promise<unknown>;
}

/** Starts another process with a store on the file, of a user by number if root does; it ends with the test. */
export async function startContender(path: string, log = "", user = ""): Promise<Contender> {
  const script = fileURLToPath(new URL("contender.mjs", import.meta.url));
  const child = fork(script, [path, log, user]);
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  await answered(child);
  return {
    process: child,
    ask: async (call) => {
      const answer = answered(child);
      child.send(call);
      return answer;
    },
  };
}

function answered(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: { readonly answer?: unknown; readonly failed?: string }) => {
      child.off("exit", onExit);
      if (message.failed === undefined) resolve(message.answer);
      else reject(new Error(message.failed));
    };
    const onExit = (code: number | null) => {
      child.off("message", onMessage);
      reject(new Error(`the other process ended with ${code}`));
    };
    child.once("message", onMessage);
    child.once("exit", onExit);
  });
}
