import { randomCalls } from "./api-fuzz.ts";

randomCalls(200);
