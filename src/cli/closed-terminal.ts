import { closeSync } from "node:fs";
import { isatty } from "node:tty";

/**
 * At its end Node.js gives a terminal its settings back, and aborts (134) if the terminal has been closed
 * meanwhile. It leaves alone what is no longer open.
 */
export function letGoOfClosedTerminals(): void {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  process.once("exit", () => {
    for (const descriptor of terminals) if (!isatty(descriptor)) closeSync(descriptor);
  });
}
