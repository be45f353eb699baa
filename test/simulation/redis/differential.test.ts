import { sameAnswers } from "./differential.ts";

// Too few for every kind of answer to come up.
sameAnswers({ histories: 100, commands: 5000, each: 0 });
