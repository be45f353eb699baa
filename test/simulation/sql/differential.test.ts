import { sameAnswers, seenDifferences } from "./differential.ts";
import { sameChanges } from "./mysql-differential.ts";

sameAnswers(50);
seenDifferences();
sameChanges(6);
