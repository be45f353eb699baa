import { load } from "../install.mjs";

export const use = "`Election` on etcd, with a new campaign after one has failed.";

export const needs = "etcd";

// With more, none was held after a minute.
export const most = 1000;

// Its leases are kept alive by themselves, three times in a ttl.
export const renewsEvery = ({ ttl }) => ttl / 3;

/** A campaign is one term: when it has failed, another one begins. */
export async function open({ port, ttl }) {
  const { Etcd3 } = load("etcd3");
  const client = new Etcd3({ hosts: `127.0.0.1:${port}` });
  return {
    campaign: async (key, { gained, lost }) => {
      const election = client.election(key, ttl / 1000);
      let leads = false;
      let isStopped = false;
      let campaign;
      const begin = () => {
        if (isStopped) return;
        campaign = election.campaign(String(process.pid));
        campaign.on("elected", () => {
          leads = true;
          gained();
        });
        campaign.on("error", () => {
          if (leads) lost();
          leads = false;
          setTimeout(begin, 100);
        });
      };
      begin();
      return {
        isLeader: () => leads,
        stop: async () => {
          isStopped = true;
          if (leads) lost();
          leads = false;
          await campaign.resign();
        },
      };
    },
  };
}
