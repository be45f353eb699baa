import type { PgClient } from "./postgres-client.ts";
import type { OpenLink, PostgresLink, Statement } from "./postgres-driver.ts";

/** Connections over `pg`. */
export function pgLinks(make: () => PgClient): OpenLink {
  return ({ lost, notified }) => {
    const client = make();
    client.on("end", lost);
    // Without a listener it would be thrown. The client ends after it.
    client.on("error", lost);
    client.on("notification", ({ payload }: { readonly payload?: string }) => {
      notified(payload ?? "");
    });
    return new PgLink(client);
  };
}

/** The user may have registered parsers of their own, for one client or for all. */
const types = { getTypeParser: () => (text: unknown) => text };

class PgLink implements PostgresLink {
  readonly #client: PgClient;

  constructor(client: PgClient) {
    this.#client = client;
  }

  async connect(): Promise<void> {
    await this.#client.connect();
  }

  get pid(): number | undefined {
    const pid: unknown = Reflect.get(this.#client, "processID");
    return typeof pid === "number" ? pid : undefined;
  }

  async query({ name, text, values }: Statement): Promise<unknown> {
    const named = name === undefined ? {} : { name };
    const result = await this.#client.query({ ...named, text, ...(values && { values }), types });
    // Several statements at once have as many results, and none that is wanted.
    const [row] = result.rows ?? [];
    return row === undefined ? undefined : Object.values(row)[0];
  }

  destroy(): void {
    // `end` waits for what is on its way. The library has no other way to close the socket at once.
    const { connection } = this.#client as { connection?: { stream?: { destroy?(): void } } };
    connection?.stream?.destroy?.();
    this.#client.end().catch(() => {});
  }
}
