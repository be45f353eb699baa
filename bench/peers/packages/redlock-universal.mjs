import { connect } from "../connect.mjs";
import { load } from "../install.mjs";
import { campaignByUsing } from "../using.mjs";

export const use = "`using` in a loop; renews once, after 80 % of the ttl; polls every 100 ms.";

export const requests = ["eval", "evalsha", "set"];

// It renews after 80 % of the ttl, which is no option.
export const renewsEvery = ({ ttl }) => ttl * 0.8;

export async function open({ port, ttl }) {
  const { createLock, IoredisAdapter } = load("redlock-universal");
  const adapter = new IoredisAdapter(connect(port));
  return {
    campaign: async (key, callbacks) => {
      const lock = createLock({ adapter, key, ttl });
      return campaignByUsing((routine) => lock.using(routine), callbacks);
    },
  };
}

export function remaining(redis, key) {
  return redis.pttl(key);
}
