import { Command, newFamily, type Surroundings } from "./command.ts";
import type { Guard } from "./guard.ts";

/**
 * Starts a program that begins only when its pid is in the pipe of the guard. If this process is killed before,
 * the program never begins; after that, the guard ends it.
 *
 * @param mayBegin Asked last of all. If it returns false, the program waits until it is ended.
 */
export function startGuarded(
  guard: Guard,
  program: readonly string[],
  around: Omit<Surroundings, "held">,
  mayBegin: () => boolean,
): Command {
  const family = newFamily();
  // By its mark, for a program that cannot wait.
  void guard.know(family);
  const command = new Command(family, program, { ...around, held: true });
  void guard.know(family).then(() => {
    if (mayBegin()) command.begin();
  });
  return command;
}
