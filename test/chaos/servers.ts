/** What the candidates of a stage are elected by. */
export interface Servers {
  /** Where it is reached now. `undefined`: by no network, and there is none to disturb. */
  readonly port: number | undefined;
  /** What `connect.mjs` connects a candidate by, through this port: of a proxy, if there is a network. */
  address(client: string, port: number | undefined): object;
  stop(): Promise<void>;
}
