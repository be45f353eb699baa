import type { Network } from "../network.ts";
import type { Schedule } from "../schedule.ts";
import type { SimulatedProcess } from "../simulated-process.ts";
import type { SimulatedRegister } from "./simulated-register.ts";

/** The network and the register of a client. */
export interface Place {
  readonly schedule: Schedule;
  readonly network: Network;
  readonly process: SimulatedProcess;
  readonly register: SimulatedRegister;
  /** The number by which the network identifies the process. */
  readonly number: number;
}
