import type { IoredisClient } from "../src/stores/redis/client/redis-client.ts";
import { SimulatedConnection } from "./simulated-connection.ts";
import type { SimulatedServer, Subscriber } from "./simulated-server.ts";

/** Behaves like ioredis with the options of `redis-driver.ts`, over the simulated network. */
export class SimulatedClient
  extends SimulatedConnection<SimulatedServer>
  implements IoredisClient, Subscriber
{
  duplicate(): SimulatedClient {
    return new SimulatedClient(this.wiring);
  }

  call(...args: string[]): Promise<unknown> {
    return this.request((answer, passage) => {
      this.wiring.server.receive(args, answer, passage);
    });
  }

  subscribe(...channels: string[]): Promise<unknown> {
    return this.request((answer) => this.wiring.server.subscribe(this, channels, answer));
  }

  unsubscribe(...channels: string[]): Promise<unknown> {
    return this.request((answer) => this.wiring.server.unsubscribe(this, channels, answer));
  }

  hear(channel: string, message: string): void {
    this.deliver("message", channel, message);
  }
}
