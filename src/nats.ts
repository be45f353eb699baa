export type { NatsStoreOptions } from "./stores/nats/nats-options.ts";
export type { NatsConnectionOptions } from "./stores/nats/nats-servers.ts";
export { NatsStore } from "./stores/nats/nats-store.ts";
