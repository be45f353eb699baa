import { PlainStore, type WrongStore } from "../plain-store.ts";

/** The rest of a lease is a text, as many databases give their large numbers. */
class TellsTheRestAsText extends PlainStore {
  override show: PlainStore["show"] = (lease, now) => {
    const shown = super.show(lease, now);
    // What a store that is written without types may do.
    return shown && { ...shown, expiresIn: String(shown.expiresIn) as never };
  };
}

export const wrongStore: WrongStore = {
  caughtBy: ["answers-have-their-shape"],
  open: (place) => new TellsTheRestAsText(place),
};
