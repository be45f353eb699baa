import { type Server, type Sight, Statements } from "../../../src/stores/mysql/mysql-statements.ts";
import { tablesOf } from "../../../src/stores/mysql/mysql-tables.ts";
import type { SqlWish } from "../../../src/stores/sql/sql-questions.ts";

/** A statement as what it is about, and not as text. */
export type Command =
  | { readonly does: "look" | "watch"; readonly keys: readonly string[] }
  | {
      readonly does: "acquire";
      readonly wish: SqlWish;
      readonly seen: Sight;
      readonly token: number;
      readonly server: Server;
    }
  | { readonly does: "prolong"; readonly wish: SqlWish; readonly server: Server }
  | { readonly does: "prolongAll"; readonly wishes: readonly SqlWish[]; readonly server: Server }
  | {
      readonly does: "restore";
      readonly wish: SqlWish;
      readonly since: number;
      readonly server: Server;
    }
  | { readonly does: "release"; readonly wish: SqlWish }
  | { readonly does: "fence"; readonly wish: SqlWish }
  | { readonly does: "stamp" | "stamped"; readonly server: Server }
  | ({ readonly does: "introduce" } & Adoption)
  | ({ readonly does: "mend" } & Adoption);

/** Of an election that the server may have forgotten, or has never heard of. */
export interface Adoption {
  readonly wish: SqlWish;
  readonly since: number;
  readonly server: Server;
}

/** The statements of the store, which are sent as commands in JSON. */
export class CommandStatements extends Statements {
  constructor() {
    super(tablesOf({ schema: undefined, table: "incumbent_elections" }), true);
  }

  override watch(keys: readonly string[]): string {
    return text({ does: "watch", keys });
  }

  override look(keys: readonly string[]): string {
    return text({ does: "look", keys });
  }

  override acquire(wish: SqlWish, seen: Sight, token: number, server: Server): string {
    return text({ does: "acquire", wish, seen, token, server });
  }

  override prolong(wish: SqlWish, server: Server): string {
    return text({ does: "prolong", wish, server });
  }

  override prolongAll(wishes: readonly SqlWish[], server: Server): string {
    return text({ does: "prolongAll", wishes, server });
  }

  override restore(wish: SqlWish, since: number, server: Server): string {
    return text({ does: "restore", wish, since, server });
  }

  override release(wish: SqlWish): string {
    return text({ does: "release", wish });
  }

  override stamp(server: Server): string {
    return text({ does: "stamp", server });
  }

  override stamped(server: Server): string {
    return text({ does: "stamped", server });
  }

  override introduce(wish: SqlWish, since: number, server: Server): string {
    return text({ does: "introduce", wish, since, server });
  }

  override fence(wish: SqlWish): string {
    return text({ does: "fence", wish });
  }

  override mend(wish: SqlWish, since: number, server: Server): string {
    return text({ does: "mend", wish, since, server });
  }
}

function text(command: Command): string {
  return JSON.stringify(command);
}
