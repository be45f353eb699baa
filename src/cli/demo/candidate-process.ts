import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Claim } from "./claims.ts";
import { type FromCandidate, sharedNow, type ToCandidate } from "./messages.ts";

/** A candidate in its own process, and the messages that it has sent so far. */
export class CandidateProcess {
  readonly nodeId: string;
  readonly claims: Claim[] = [];
  /** The first `isLeader()` after `resume`; undefined until the candidate has reported it. */
  firstLook: boolean | undefined;
  readonly #process: ChildProcess;
  #claim: Claim | undefined;
  #resumedAt: number | undefined;

  constructor(
    nodeId: string,
    election: { url: string; key: string; ttl: number },
    onMessage: (candidate: CandidateProcess, message: FromCandidate) => void,
  ) {
    this.nodeId = nodeId;
    const command = fileURLToPath(new URL("./main.js", import.meta.url));
    const args = ["candidate", election.url, election.key, nodeId, String(election.ttl)];
    this.#process = fork(command, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    // The process runs `candidate.ts`, whose messages have this type.
    this.#process.on("message", (message) => {
      this.#hear(message as FromCandidate);
      onMessage(this, message as FromCandidate);
    });
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  get token(): number | undefined {
    return this.#claim?.token;
  }

  /** SIGKILL: no handler runs, and no lease is released. */
  kill(): void {
    if (this.#claim !== undefined) this.#claim.to = Math.max(this.#claim.to, sharedNow());
    this.#process.kill("SIGKILL");
  }

  /** SIGSTOP: the process freezes. */
  pause(): void {
    if (this.#claim !== undefined) this.#claim.to = Math.max(this.#claim.to, sharedNow());
    this.#process.kill("SIGSTOP");
  }

  resume(): void {
    this.#resumedAt = sharedNow();
    this.#process.kill("SIGCONT");
  }

  send(message: ToCandidate): void {
    if (this.#process.connected) this.#process.send(message);
  }

  async exited(): Promise<void> {
    if (this.isRunning) await once(this.#process, "exit");
  }

  #hear(message: FromCandidate): void {
    switch (message.type) {
      case "elected":
        this.#claim = {
          ...{ nodeId: this.nodeId, token: message.token },
          ...{ from: message.at, to: message.at },
        };
        this.claims.push(this.#claim);
        return;
      case "deposed":
        this.#claim = undefined;
        return;
      case "look":
        if (message.leads && this.#claim !== undefined) this.#claim.to = message.at;
        if (this.#resumedAt !== undefined && message.at > this.#resumedAt) {
          this.firstLook ??= message.leads;
        }
        return;
    }
  }
}
