import type { Socket } from "node:net";
import type { StoreError } from "../../errors.ts";
import { type Timer, unrefTimer } from "../connections/timer.ts";
import { Frames, JuteReader, JuteWriter } from "./jute.ts";
import { lost, strange } from "./zookeeper-errors.ts";
import { marks, operations, type ZookeeperReply } from "./zookeeper-operations.ts";

/** How often the server is asked for a sign, in ms, and after how many of these without one it counts as gone. */
const [PULSE, UNHEARD] = [500, 3];
/** How long a session that was closed may take to say goodbye, in ms. */
const FAREWELL = 1000;

/** Hears of changes of a node. */
export interface NodeListener {
  /** A watch that was left at the node has fired, and is gone. */
  onChange(): void;
  /** The watch is lost, and will not fire. */
  onLost(): void;
}

interface Pending {
  readonly number: number;
  readonly resolve: (reply: ZookeeperReply) => void;
  readonly reject: (error: StoreError) => void;
}

/**
 * A session of ZooKeeper over one connection. It ends with its connection, and is never taken up over another one:
 * no node depends on it.
 */
export class ZookeeperSession {
  /** For errors. */
  readonly server: string;
  readonly #socket: Socket;
  readonly #timer: Timer;
  readonly #frames = new Frames();
  readonly #listeners = new Map<string, Set<NodeListener>>();
  readonly #endings = new Set<(error: StoreError) => void>();
  #pending: Pending[] = [];
  #number = 0;
  #unheard = 0;
  #cancel = () => {};
  /** Why it has ended. */
  #ended: StoreError | undefined;

  /** @param socket over which a session has just been opened. */
  constructor(socket: Socket, server: string, timer: Timer = unrefTimer) {
    this.server = server;
    this.#socket = socket;
    this.#timer = timer;
    socket.on("data", (piece: Buffer) => this.#receive(piece));
    socket.on("error", () => {});
    socket.on("close", () => this.#fail(lost(server, "the connection broke")));
    this.#pulse();
  }

  get isOpen(): boolean {
    return this.#ended === undefined;
  }

  /** The answer of the server, whatever it says. Rejects if the connection breaks before. */
  ask(operation: number, body: JuteWriter): Promise<ZookeeperReply> {
    this.#number = (this.#number % 0x7fffffff) + 1;
    return this.#ask(this.#number, operation, body);
  }

  /** From now on this client is also the one that knows this user and password. */
  logIn(user: string, password: string): Promise<ZookeeperReply> {
    const body = new JuteWriter().int(0).text("digest").text(`${user}:${password}`);
    return this.#ask(marks.auth, operations.auth, body);
  }

  /** Who hears when watches at this node fire, until the returned function is called. */
  listen(path: string, listener: NodeListener): () => void {
    const ofPath = this.#listeners.get(path) ?? new Set();
    this.#listeners.set(path, ofPath.add(listener));
    return () => {
      ofPath.delete(listener);
      if (ofPath.size === 0 && this.#listeners.get(path) === ofPath) this.#listeners.delete(path);
    };
  }

  /** Calls it when the session has ended, however it did. */
  onEnd(listener: (error: StoreError) => void): void {
    if (this.#ended === undefined) this.#endings.add(listener);
    else listener(this.#ended);
  }

  /** Takes leave of the server. What is under way fails. */
  close(): void {
    if (!this.isOpen) return;
    const farewell = new JuteWriter().int(this.#number + 1).int(operations.closeSession);
    // The server closes the connection then. One that does not answer keeps no process alive.
    this.#socket.write(farewell.frame());
    this.#socket.unref();
    this.#timer(FAREWELL, () => this.#socket.destroy());
    this.#end(lost(this.server, "the store was closed"));
  }

  #ask(number: number, operation: number, body: JuteWriter): Promise<ZookeeperReply> {
    if (!this.isOpen) return Promise.reject(lost(this.server, "the connection is closed", "no"));
    this.#socket.write(new JuteWriter().int(number).int(operation).append(body).frame());
    return new Promise((resolve, reject) => {
      this.#pending.push({ number, resolve, reject });
    });
  }

  /** A process that was paused hears first what has arrived meanwhile: one of these counts it once. */
  #pulse(): void {
    this.#cancel = this.#timer(PULSE, () => {
      this.#unheard += 1;
      if (this.#unheard > UNHEARD) {
        this.#fail(lost(this.server, "the server does not answer"));
        return;
      }
      this.#socket.write(new JuteWriter().int(marks.ping).int(operations.ping).frame());
      this.#pulse();
    });
  }

  #receive(piece: Buffer): void {
    if (!this.isOpen) return;
    this.#unheard = 0;
    try {
      for (const frame of this.#frames.take(piece)) this.#read(new JuteReader(frame));
    } catch {
      this.#fail(strange(this.server));
    }
  }

  #read(body: JuteReader): void {
    const number = body.int();
    body.long();
    const code = body.int();
    if (number === marks.ping) return;
    if (number === marks.event) {
      body.int();
      body.int();
      for (const listener of [...(this.#listeners.get(body.text()) ?? [])]) listener.onChange();
      return;
    }
    const [next] = this.#pending;
    // ZooKeeper answers in the order of the requests.
    if (next?.number !== number) throw new RangeError("This is the answer to another request");
    this.#pending.shift();
    next.resolve({ code, body });
  }

  #fail(error: StoreError): void {
    if (!this.isOpen) return;
    this.#socket.destroy();
    this.#end(error);
  }

  #end(error: StoreError): void {
    this.#ended = error;
    this.#cancel();
    const pending = this.#pending;
    this.#pending = [];
    for (const { reject } of pending) reject(error);
    for (const listener of [...this.#listeners.values()].flatMap((each) => [...each])) {
      listener.onLost();
    }
    for (const end of this.#endings) end(error);
  }
}
