import { sameAnswers } from "./differential.ts";
import { sameChanges } from "./mysql-differential.ts";

sameAnswers(1000);
sameChanges(50);
