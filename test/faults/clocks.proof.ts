import {
  coveredRates,
  setClocks,
  sleepingMachines,
  sleptMachines,
  uncoveredRates,
} from "./clocks.ts";

setClocks();
coveredRates(5);
uncoveredRates();
sleepingMachines(5);
sleptMachines();
