import { sameAnswers } from "./differential.ts";

sameAnswers(1000);
