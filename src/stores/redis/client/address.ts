/** Where a node is: `host:port`. */
export type Address = string;

/** A host, and the port there. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** What the clients are given to reach nodes at other addresses than these name, by `host:port`. */
export type AddressMap =
  | Readonly<Record<string, Place>>
  | ((address: string) => Place | null | undefined);

export function addressOf({ host, port }: Place): Address {
  return `${host}:${port}`;
}

/** The host of an IPv6 address has colons itself, and no brackets in the replies of Redis. */
export function placeOf(address: Address): Place {
  const colon = address.lastIndexOf(":");
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
}

/** The address as a URL has it: the host of an IPv6 address is in brackets there. */
export function hostOf(address: Address): string {
  const { host, port } = placeOf(address);
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Where a client reaches the node that calls itself so. */
export function mapped(address: Address, map: AddressMap | undefined): Address {
  const place = typeof map === "function" ? map(address) : map?.[address];
  return place ? addressOf(place) : address;
}
