export type { ConsulStoreOptions } from "./stores/consul/consul-options.ts";
export { ConsulStore } from "./stores/consul/consul-store.ts";
