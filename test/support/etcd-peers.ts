import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** The way from each member of a cluster to each other one. */
export interface EtcdPeers {
  /** A port that leads to the one at which a member listens for the others. */
  through(port: number): Promise<number>;
  /** From now on the member with this id, in hexadecimal, neither reaches the others at `port` nor is reached there. */
  cutOff(id: string, port: number): void;
  /** Every member reaches every other one again. */
  heal(): void;
  close(): void;
}

/** Ways between the members of etcd, which say in the head of each connection which of them it comes from. */
export function etcdPeers(): EtcdPeers {
  const servers = new Set<Server>();
  const ways = new Map<Socket, { readonly to: number; from: string }>();
  let lost: { readonly id: string; readonly port: number } | undefined;
  const isLost = ({ to, from }: { readonly to: number; readonly from: string }) =>
    lost !== undefined && (to === lost.port || from === lost.id);
  return {
    through: async (port) => {
      const server = createServer((client) => {
        const way = { to: port, from: "" };
        const member = connect(port, "127.0.0.1");
        ways.set(client, way);
        client.on("data", (bytes) => {
          way.from ||= /x-server-from: (\w+)/i.exec(String(bytes))?.[1] ?? "";
          if (isLost(way)) client.destroy();
          else member.write(bytes);
        });
        member.on("data", (bytes) => client.write(bytes));
        for (const [one, other] of [
          [client, member],
          [member, client],
        ] as const) {
          one.on("error", () => one.destroy());
          one.on("close", () => other.destroy());
        }
        client.on("close", () => ways.delete(client));
      }).listen(0, "127.0.0.1");
      servers.add(server);
      await once(server, "listening");
      return (server.address() as AddressInfo).port; // It listens on a port, not on a pipe.
    },
    cutOff: (id, port) => {
      lost = { id, port };
      for (const [client, way] of ways) if (isLost(way)) client.destroy();
    },
    heal: () => {
      lost = undefined;
    },
    close: () => {
      for (const server of servers) server.close();
      for (const client of ways.keys()) client.destroy();
    },
  };
}
