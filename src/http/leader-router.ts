import type { IncomingMessage, ServerResponse } from "node:http";
import type { Elector } from "../elector/elector.ts";
import type { LeaderInfo } from "../elector/terms/term.ts";
import { systemClock } from "../elector/time/clock.ts";
import { WakeSignal } from "../elector/wake-signal.ts";
import { invalid } from "../input.ts";
import { type CountedTarget, countedTarget, withHops } from "./hops.ts";
import { isOneself, locationAt, parseAddress } from "./leader-address.ts";
import { LeaderWatch } from "./leader-watch.ts";
import { sendOn } from "./proxy.ts";
import { refuse } from "./refusal.ts";
import { pathAndQueryOf } from "./request-target.ts";
import { parseOptions, type Settings, type ToLeaderOptions } from "./to-leader-options.ts";

/** A request on its way to the leader. */
interface Journey extends CountedTarget {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Why it was not answered by the leader. */
  readonly errors: unknown[];
}

/** Brings requests to the leader, whatever the framework is. */
export class LeaderRouter {
  readonly #elector: Elector;
  readonly #settings: Settings;
  readonly #watch: LeaderWatch;

  /** Throws `INCUMBENT_INVALID_OPTION`. */
  constructor(elector: Elector, options: ToLeaderOptions) {
    this.#elector = elector;
    this.#settings = parseOptions(elector, options);
    this.#watch = new LeaderWatch(elector);
  }

  /**
   * Whether this process leads, so that the request is its own to handle. If not, the request has been answered. `url`
   * is what the client asked for, from the root of the server.
   */
  async isForHere(
    request: IncomingMessage,
    response: ServerResponse,
    url = request.url ?? "",
  ): Promise<boolean> {
    if (this.#elector.isLeader()) return true;
    const pathAndQuery = pathAndQueryOf(url);
    if (pathAndQuery === undefined) {
      refuse(response, 400, "the request has no path");
      return false;
    }
    const errors: unknown[] = [];
    const journey = { request, response, errors, ...countedTarget(pathAndQuery, request.headers) };
    if (journey.hops >= this.#settings.hops) {
      refuse(response, 503, `no leader was found in ${journey.hops} hops`);
      return false;
    }
    const isForHere = await this.#bring(journey).catch((error: unknown) => {
      refuse(response, 502, "the request cannot be sent to the leader");
      errors.push(error);
      return false;
    });
    // Last: a function of the user's that throws must not leave the client without an answer.
    for (const error of errors) this.#settings.onError(error);
    return isForHere;
  }

  async #bring(journey: Journey): Promise<boolean> {
    const { response } = journey;
    const wait = new Wait(this.#watch, response, this.#settings.wait);
    let unreachable: number | undefined;
    try {
      for (;;) {
        wait.listen();
        if (this.#elector.isLeader()) return true;
        const leader = this.#otherLeader();
        if (leader !== undefined && leader.token !== unreachable) {
          if (await this.#send(journey, leader)) return false;
          unreachable = leader.token;
        } else if (!(await wait.forChange())) {
          const why = unreachable === undefined ? "is known" : "can be reached";
          if (!response.destroyed) refuse(response, 503, `no leader ${why}`);
          return false;
        }
      }
    } finally {
      wait.end();
    }
  }

  #otherLeader(): LeaderInfo | undefined {
    const { leader } = this.#elector.status;
    if (leader === undefined || isOneself(this.#elector, leader, this.#settings.address)) return;
    return leader;
  }

  /** Whether the request has been answered. */
  async #send(journey: Journey, leader: LeaderInfo): Promise<boolean> {
    const { request, response, target, errors } = journey;
    const { how, timeout, address } = this.#settings;
    const url = locationAt(parseAddress("address of the leader", address(leader)), target);
    const hops = journey.hops + 1;
    if (how === "redirect") {
      const headers = { location: withHops(url, hops), "cache-control": "no-store" };
      response.writeHead(307, { ...headers, "content-length": 0 }).end();
      return true;
    }
    checkBody(request);
    const over = new AbortController();
    const unregister = this.#elector.on("leaderChanged", () => over.abort());
    try {
      const forwarding = { request, response, errors, hops, timeout, signal: over.signal };
      return await sendOn(new URL(url), forwarding);
    } finally {
      unregister();
    }
  }
}

/** Waits for another leader, no longer than the request may wait, or its client does. */
class Wait {
  readonly #wakeSignal = new WakeSignal();
  readonly #watch: LeaderWatch;
  readonly #cancel: () => void;
  #leave: (() => void) | undefined;
  #isOver = false;

  constructor(watch: LeaderWatch, response: ServerResponse, longest: number) {
    const clock = systemClock().unref;
    const end = () => {
      this.#isOver = true;
      this.#wakeSignal.give();
    };
    const cancelTimer = clock.timer(clock.now() + longest, end);
    response.once("close", end);
    this.#watch = watch;
    this.#cancel = () => {
      cancelTimer();
      response.off("close", end);
    };
  }

  /** What changes from now on is noticed. */
  listen(): void {
    this.#wakeSignal.reset();
  }

  /** Resolves with whether there may be another leader since `listen()`. */
  async forChange(): Promise<boolean> {
    this.#leave ??= this.#watch.join(() => this.#wakeSignal.give());
    if (!this.#isOver) await this.#wakeSignal.given();
    return !this.#isOver;
  }

  end(): void {
    this.#cancel();
    this.#leave?.();
  }
}

/** What was read of a body cannot be sent on. */
function checkBody(request: IncomingMessage): void {
  const { "content-length": length = "0", "transfer-encoding": encoding } = request.headers;
  if (!request.readableDidRead || (length === "0" && encoding === undefined)) return;
  throw invalid({
    name: "body of the request",
    rule: "must not have been read before it is sent to the leader",
    value: request.url,
    example: "app.use(expressToLeader(elector)) before app.use(express.json())",
  });
}
