import { checkOptions } from "../input.ts";
import type { LeaseStore } from "../stores/lease-store.ts";
import { type Departure, Elector } from "./elector.ts";
import { type ElectorOptions, electorOptionNames } from "./options.ts";

/** An elector that owns its store, or its share of one: `stop` closes it. */
export abstract class ClosingElector extends Elector {
  readonly #store: LeaseStore;

  constructor(store: LeaseStore, key: string, options: ElectorOptions) {
    super(store, key, options);
    this.#store = store;
  }

  override async stop(): Promise<Departure> {
    const departure = await super.stop();
    await this.#store.close();
    return departure;
  }
}

/** Divides options into those of the store, by their names, and those of the elector. Throws `INCUMBENT_INVALID_OPTION`. */
export function divideOptions<StoreOptions extends object>(
  options: ElectorOptions & StoreOptions,
  storeNames: readonly (keyof StoreOptions & string)[],
): { readonly store: StoreOptions; readonly elector: ElectorOptions } {
  checkOptions(options, [...electorOptionNames, ...storeNames], "{ ttl: 10_000 }");
  const named = (names: readonly string[]) =>
    Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
  // Each part has the names of its own type and no others; `unref` may be in both.
  return {
    store: named(storeNames) as StoreOptions,
    elector: named(electorOptionNames) as ElectorOptions,
  };
}
