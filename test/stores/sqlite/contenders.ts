import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

interface Call {
  readonly call: "contend" | "acquire" | "renew" | "release" | "leave";
  readonly nonce?: string;
  readonly terms?: number;
  readonly fields?: object;
}

export interface Contender {
  readonly process: ChildProcess;
  /** Resolves once the other process has done it. */
  ask(call: Call): Promise<void>;
}

/** Starts another process with a store on the file; it ends with the test. */
export async function startContender(path: string, log = ""): Promise<Contender> {
  const script = fileURLToPath(new URL("contender.mjs", import.meta.url));
  const child = fork(script, [path, log]);
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
      await answer;
    },
  };
}

function answered(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const onMessage = () => {
      child.off("exit", onExit);
      resolve();
    };
    const onExit = (code: number | null) => {
      child.off("message", onMessage);
      reject(new Error(`the other process ended with ${code}`));
    };
    child.once("message", onMessage);
    child.once("exit", onExit);
  });
}
