import { clusterConformance } from "./cluster-conformance.ts";

clusterConformance(["url"]);
