import { duels } from "./duel.ts";

duels([2, 5, 20], 15);
