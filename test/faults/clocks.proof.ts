import { coveredRates, sleepingMachines } from "./clocks.ts";

coveredRates(5);
sleepingMachines(5);
