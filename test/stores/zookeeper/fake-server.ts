import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { Frames, JuteReader, JuteWriter } from "../../../src/stores/zookeeper/jute.ts";

/** A request that has arrived. */
export interface Asked {
  readonly number: number;
  readonly operation: number;
  readonly body: JuteReader;
  readonly socket: Socket;
}

/** What the server does instead of what ZooKeeper does. */
export interface Conduct {
  /** Takes the place of the greeting. */
  greet?(socket: Socket): void;
  /** Answers a word of four letters. */
  word?(): string;
  /** Answers a request; pings are not among them. */
  answer?(asked: Asked): void;
}

/** As ZooKeeper opens a session. */
export function greeting(): Buffer {
  const [protocol, timeout, session] = [0, 5000, 77n];
  const head = new JuteWriter().int(protocol).int(timeout).long(session);
  return head.bytes(Buffer.alloc(16)).flag(false).frame();
}

/** As ZooKeeper answers the request of this number. */
export function reply(number: number, code: number, body = new JuteWriter()): Buffer {
  return new JuteWriter().int(number).long(1n).int(code).append(body).frame();
}

/** A server of the protocol that does what the real one cannot be made to do. Returns its port. */
export async function startFake({
  greet = (socket) => void socket.write(greeting()),
  word = () => "",
  answer = ({ socket, number }) => void socket.write(reply(number, 0)),
}: Conduct): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const frames = new Frames();
    let isGreeted = false;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (piece) => {
      if (String(piece) === "srvr") return void socket.end(word());
      for (const frame of frames.take(piece)) {
        if (!isGreeted) greet(socket);
        else take(frame, socket);
        isGreeted = true;
      }
    });
  }).listen(0, "127.0.0.1");
  const take = (frame: Buffer, socket: Socket) => {
    const body = new JuteReader(frame);
    const [number, operation] = [body.int(), body.int()];
    if (operation === 11) socket.write(reply(number, 0));
    else answer({ number, operation, body, socket });
  };
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port; // It listens on a port, not on a pipe.
}
