import { connect } from "@nats-io/transport-node";

/** Asks JetStream, as an administrator would. */
export async function askJetStream(
  url: string,
  question: string,
  body: object = {},
): Promise<unknown> {
  const client = await connect({ servers: url.replace("nats://", "") });
  try {
    return (await client.request(`$JS.API.${question}`, JSON.stringify(body))).json();
  } finally {
    await client.close();
  }
}

/** Writes something that no election has written. */
export async function publish(url: string, subject: string, text: string): Promise<void> {
  const client = await connect({ servers: url.replace("nats://", "") });
  await client.request(subject, text);
  await client.close();
}

/** Deletes everything that the elections have written. */
export async function deleteBucket(url: string, bucket = "incumbent"): Promise<void> {
  await askJetStream(url, `STREAM.DELETE.KV_${bucket}`);
}

/** Makes a bucket that counts from 1, as other programs do. */
export async function makeBucket(url: string, bucket: string): Promise<void> {
  const stream = { name: `KV_${bucket}`, subjects: [`$KV.${bucket}.>`], max_msgs_per_subject: 1 };
  await askJetStream(url, `STREAM.CREATE.KV_${bucket}`, stream);
}
