import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A request is carried out however late it comes. */
class IgnoresNotAfter extends PlainStore {
  override isLate = () => false;
}

export const wrongStore: WrongStore = {
  caughtBy: ["late-acquire-has-no-effect", "late-renewal-has-no-effect"],
  open: (place) => new IgnoresNotAfter(place),
};
