import { sameAnswers, seenDifferences } from "./differential.ts";

sameAnswers(50);
seenDifferences();
