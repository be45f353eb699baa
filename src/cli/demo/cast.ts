import { CandidateProcess } from "./candidate-process.ts";
import type { FromCandidate } from "./messages.ts";

type Heard = (candidate: CandidateProcess, message: FromCandidate) => void;

/** All candidates of the demo. */
export class Cast {
  readonly candidates: readonly CandidateProcess[];
  readonly #ears = new Set<Heard>();

  constructor(names: readonly string[], election: { url: string; key: string; ttl: number }) {
    const hear: Heard = (candidate, message) => {
      for (const ear of [...this.#ears]) ear(candidate, message);
    };
    this.candidates = names.map((name) => new CandidateProcess(name, election, hear));
  }

  onMessage(heard: Heard): void {
    this.#ears.add(heard);
  }

  /** Resolves with the next message that fits, and rejects after `patience` ms. */
  next<Type extends FromCandidate["type"]>(
    type: Type,
    patience: number,
    fits: (candidate: CandidateProcess) => boolean = () => true,
  ): Promise<{ candidate: CandidateProcess; message: Extract<FromCandidate, { type: Type }> }> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#ears.delete(ear);
        reject(new Error(`timed out after ${Math.round(patience)} ms waiting for "${type}"`));
      }, patience);
      const ear: Heard = (candidate, message) => {
        if (!isOfType(message, type) || !fits(candidate)) return;
        clearTimeout(timer);
        this.#ears.delete(ear);
        resolve({ candidate, message });
      };
      this.#ears.add(ear);
    });
  }

  /** Stops all candidates, and kills those that are still running after `patience` ms. */
  async leave(patience: number): Promise<void> {
    for (const candidate of this.candidates) candidate.send("stop");
    const timer = setTimeout(() => this.killAll(), patience);
    await Promise.all(this.candidates.map((candidate) => candidate.exited()));
    clearTimeout(timer);
  }

  killAll(): void {
    for (const candidate of this.candidates) if (candidate.isRunning) candidate.kill();
  }
}

function isOfType<Type extends FromCandidate["type"]>(
  message: FromCandidate,
  type: Type,
): message is Extract<FromCandidate, { type: Type }> {
  return message.type === type;
}
