import { randomCalls } from "./api-fuzz.ts";

randomCalls(Number(process.env["SEQUENCES"] ?? 5000));
