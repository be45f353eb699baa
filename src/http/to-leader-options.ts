import type { Elector } from "../elector/elector.ts";
import { checkFunction, checkOptions, invalid, wholeNumber } from "../input.ts";
import { type AddressOf, metadataOf, parseAddress } from "./leader-address.ts";

/** How requests get to the leader. Times in ms. */
export interface ToLeaderOptions {
  /**
   * `"redirect"`: the client is answered 307 and repeats the request at the leader. `"proxy"`: this process sends the
   * request on, and the leader's answer back.
   * @defaultValue `"redirect"`
   */
  readonly how?: "redirect" | "proxy" | undefined;
  /**
   * The address of a leader, such as `"http://10.0.0.7:8080"`: a redirected client, or this process, must be able to
   * reach it.
   * @defaultValue the leader's `metadata`
   */
  readonly address?: AddressOf | undefined;
  /**
   * For how long a request waits while no leader is known or can be reached. Then it is answered 503.
   * @defaultValue 5000
   */
  readonly wait?: number | undefined;
  /**
   * How often one request may be sent on, from 1 to 20. Then it is answered 503.
   * @defaultValue 3
   */
  readonly hops?: number | undefined;
  /**
   * For how long the leader may be silent before it begins to answer a request that was sent on.
   * @defaultValue 30000
   */
  readonly timeout?: number | undefined;
  /**
   * Called with the error if the leader has no address, or has not answered: the request is answered 502. Also called
   * if its answer breaks off.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

export type Settings = {
  readonly [Name in keyof ToLeaderOptions]-?: NonNullable<ToLeaderOptions[Name]>;
};

const LONGEST = 86_400_000;

export function parseOptions(elector: Elector, options: ToLeaderOptions): Settings {
  const names = ["how", "address", "wait", "hops", "timeout", "onError"];
  const given = checkOptions(options, names, '{ how: "proxy" }');
  const { how = "redirect", address = metadataOf, wait = 5000, hops = 3 } = given;
  const { timeout = 30_000, onError = () => {} } = given;
  if (how !== "redirect" && how !== "proxy") {
    const rule = 'must be "redirect" or "proxy"';
    throw invalid({ name: "how", rule, value: how, example: '{ how: "proxy" }' });
  }
  checkFunction("address", address, "({ nodeId }) => `http://$" + "{nodeId}:8080`");
  // A process that takes no part has none.
  if (address === metadataOf && elector.metadata !== undefined) {
    parseAddress("metadata", elector.metadata);
  }
  return {
    ...{ how, address },
    wait: wholeNumber("wait", wait, { min: 0, max: LONGEST, example: "5000" }),
    hops: wholeNumber("hops", hops, { min: 1, max: 20, example: "3" }),
    timeout: wholeNumber("timeout", timeout, { min: 1, max: LONGEST, example: "30000" }),
    onError: checkFunction("onError", onError, "(error) => console.error(error)"),
  };
}
