import {
  coveredRates,
  setClocks,
  sleepingMachines,
  sleptMachines,
  uncoveredRates,
} from "./clocks.ts";

setClocks();
coveredRates(1);
uncoveredRates();
sleepingMachines(1);
sleptMachines();
