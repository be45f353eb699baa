import { sameAnswers, seenDifferences } from "./differential.ts";

sameAnswers({ histories: 1500, commands: 100_000, each: 101 });
seenDifferences();
