import { ways } from "./cluster-clients.ts";
import { clusterConformance } from "./cluster-conformance.ts";

clusterConformance(Object.keys(ways).filter((way) => way !== "url"));
