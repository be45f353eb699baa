import type { Executed } from "../../simulated-host.ts";
import { asExecuted } from "../postgres/as-executed.ts";
import type { Command } from "./commands.ts";
import type { Decided } from "./decide.ts";

/** What the checks have to know of a statement. A refusal is not seen by the server: the store decides it after a look. */
export function reportsOf(
  command: Command,
  { affected, keys = [] }: Decided,
): Pick<Executed, "request" | "reply">[] {
  const isDone = affected > 0;
  switch (command.does) {
    case "acquire": {
      if (!isDone) return [];
      const { wish, token, seen } = command;
      const reply = { key: wish.key, status: "granted", token, since: seen.now };
      return [asExecuted("acquire", wish, reply)];
    }
    case "prolongAll":
      return command.wishes.map((wish) => {
        const status = keys.includes(wish.key) ? "renewed" : "raced";
        return asExecuted("renew", wish, { key: wish.key, status });
      });
    case "prolong":
    case "restore": {
      const { wish } = command;
      const status = isDone ? "renewed" : "raced";
      return [asExecuted("renew", wish, { key: wish.key, status })];
    }
    case "release": {
      const { wish } = command;
      const status = isDone ? "released" : "none";
      return [asExecuted("release", wish, { key: wish.key, status })];
    }
    default:
      return [];
  }
}
