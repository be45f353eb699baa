import { spawnSync } from "node:child_process";
import { expect } from "vitest";

/** A terminal emulator that a test types into and reads, with a server of its own. */
export class Terminal {
  readonly #socket: string;

  constructor(socket: string, command: string) {
    this.#socket = socket;
    this.#tmux(
      "new-session",
      "-d",
      "-x",
      "100",
      "-y",
      "30",
      `trap : TERM; ${command}; echo "ended with $?"; sleep 60`,
    );
  }

  type(...keys: string[]): void {
    this.#tmux("send-keys", ...keys);
  }

  screen(): string {
    return this.#tmux("capture-pane", "-p");
  }

  async shows(text: string): Promise<void> {
    await expect.poll(() => this.screen(), { timeout: 20_000 }).toContain(text);
  }

  /** As when its window is closed. */
  close(): void {
    this.#tmux("kill-server");
  }

  #tmux(...args: string[]): string {
    return spawnSync("tmux", ["-S", this.#socket, ...args], { encoding: "utf8" }).stdout;
  }
}
