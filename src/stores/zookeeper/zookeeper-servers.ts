import type { Socket } from "node:net";
import { builtin } from "../../builtin.ts";
import { asStoreError, StoreError } from "../../errors.ts";
import { type Timer, unrefTimer } from "../connections/timer.ts";
import { connectionErrorOf } from "../http/http-errors.ts";
import type { Wait } from "../observed/register.ts";
import { Sessions } from "../registers/sessions.ts";
import { Frames, JuteReader, JuteWriter } from "./jute.ts";
import { refusedWith, strange, unopened } from "./zookeeper-errors.ts";
import { codes } from "./zookeeper-operations.ts";
import { ZookeeperSession } from "./zookeeper-session.ts";
import type { ZookeeperSettings } from "./zookeeper-settings.ts";

/** How long a server may take to open a session, in ms. */
const OPENS_WITHIN = 2000;
/** How long a server remembers a session whose connection broke, in ms. It decides nothing here. */
const SESSION_TIMEOUT = 10_000;
const PASSWORD = Buffer.alloc(16);

/** The servers of one ensemble: the session is with one of them, and the next session with the next one. */
export class ZookeeperServers {
  readonly settings: ZookeeperSettings;
  readonly #timer: Timer;
  readonly #sessions = new Sessions("ZooKeeper", (signal) => this.#open(signal));
  #next = 0;

  constructor(settings: ZookeeperSettings, timer: Timer = unrefTimer) {
    this.settings = settings;
    this.#timer = timer;
  }

  /** Asks over the session that is open, or over a new one. */
  ask<Answer>(
    question: (session: ZookeeperSession) => Promise<Answer>,
    wait: Wait,
  ): Promise<Answer> {
    return this.#sessions.ask(question, wait);
  }

  /** A connection to this server, without a session. */
  connect(server: string): Socket {
    const { tls } = this.settings;
    const [, host = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(server) ?? [];
    const socket =
      tls === undefined
        ? builtin.net.connect({ host, port: Number(port) })
        : builtin.tls.connect({ host, port: Number(port), ...tls });
    return socket.setNoDelay(true);
  }

  close(): Promise<void> {
    return this.#sessions.close();
  }

  async #open(signal: AbortSignal): Promise<ZookeeperSession> {
    const { servers } = this.settings;
    const failures: StoreError[] = [];
    const first = this.#next;
    this.#next += 1;
    for (let tried = 0; tried < servers.length; tried += 1) {
      const server = servers[(first + tried) % servers.length] ?? "";
      try {
        return await this.#logIn(await this.#openAt(server, signal));
      } catch (error) {
        failures.push(asStoreError(error));
        if (signal.aborted) break;
      }
    }
    throw together(failures);
  }

  #openAt(server: string, signal: AbortSignal): Promise<ZookeeperSession> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(unopened(server, "the store was closed"));
      const socket = this.connect(server);
      const frames = new Frames();
      const giveUp = (error: StoreError) => {
        settle();
        socket.on("error", () => {});
        socket.destroy();
        reject(error);
      };
      const abort = () => giveUp(unopened(server, "the store was closed"));
      const cancel = this.#timer(OPENS_WITHIN, () =>
        giveUp(unopened(server, `no session within ${OPENS_WITHIN / 1000} s`)),
      );
      const failed = (error: Error) => {
        const where = `ZooKeeper at ${server}`;
        giveUp(connectionErrorOf(error, where, { signal, applied: "no" }));
      };
      const closed = () => giveUp(unopened(server, CLOSED));
      const receive = (piece: Buffer) => {
        try {
          const [greeting] = frames.take(piece);
          if (greeting === undefined) return;
          readGreeting(greeting);
          settle();
          resolve(new ZookeeperSession(socket, server, this.#timer));
        } catch {
          giveUp(strange(server, "no"));
        }
      };
      const settle = () => {
        cancel();
        signal.removeEventListener("abort", abort);
        socket.off("error", failed).off("close", closed).off("data", receive);
      };
      signal.addEventListener("abort", abort);
      socket.on("error", failed).on("close", closed).on("data", receive);
      socket.write(greetingOfOurs());
    });
  }

  async #logIn(session: ZookeeperSession): Promise<ZookeeperSession> {
    const { user, password } = this.settings;
    if (user === undefined || password === undefined) return session;
    const { code } = await session.logIn(user, password);
    if (code === codes.ok) return session;
    session.close();
    throw refusedWith(code, "/");
  }
}

const CLOSED =
  "it closed the connection, as a server does without a quorum, or with too many connections from one address";

/** A new session each time, which may be with a server that is behind: reads may be stale. */
function greetingOfOurs(): Buffer {
  const [protocol, seen, session, isReadOnly] = [0, 0n, 0n, false];
  const greeting = new JuteWriter().int(protocol).long(seen).int(SESSION_TIMEOUT).long(session);
  return greeting.bytes(PASSWORD).flag(isReadOnly).frame();
}

/** Throws if it is none of ZooKeeper. */
function readGreeting(frame: Buffer): void {
  const greeting = new JuteReader(frame);
  const [protocol, timeout, session] = [greeting.int(), greeting.int(), greeting.long()];
  if (protocol !== 0 || timeout <= 0 || session === 0n) throw new RangeError("This is no greeting");
  greeting.bytes();
}

/** Of several servers each has its own reason. */
function together(failures: readonly StoreError[]): StoreError {
  const [first] = failures;
  const wrong = failures.find(({ code }) => code === "INCUMBENT_STORE_MISCONFIGURED");
  if (first === undefined || failures.length === 1 || wrong !== undefined) {
    return wrong ?? first ?? unopened("no server", "the URL names none");
  }
  const message = failures.map((each) => each.message).join(" ");
  const detail = failures.map((each) => each.detail).join("; ");
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", message, { applied: "no", detail });
}
