import { closeSync } from "node:fs";
import { isatty } from "node:tty";

/**
 * When it exits, Node.js restores the settings of each terminal, and aborts (134) if a terminal has been
 * closed in the meantime. It skips descriptors that are no longer open, so this closes them first.
 */
export function letGoOfClosedTerminals(): void {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  process.once("exit", () => {
    for (const descriptor of terminals) if (!isatty(descriptor)) closeSync(descriptor);
  });
}
