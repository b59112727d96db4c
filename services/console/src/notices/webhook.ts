import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { useAgent } from 'request-filtering-agent';
import { Webhook } from 'standardwebhooks';
import { requireSafeUrl } from './preferences.js';

/** What is posted (Standard Webhooks): signed, so that the receiver knows that it is ours, and has not been kept and sent again. */
export interface Posting {
  readonly url: string;
  readonly secret: string;
  /** stays the same when it is sent again */
  readonly id: string;
  readonly at: Date;
  readonly body: object;
}

const patienceMs = 10_000;

/**
 * Posts to an address that a person gave. Private addresses are refused when the connection is made, so that no name
 * can lead there; redirections are not followed.
 * @throws Error saying why it was not accepted: the address, the network, or a status other than 2xx
 */
export async function post({ url, secret, id, at, body }: Posting, allowPrivate: boolean): Promise<void> {
  requireSafeUrl(url);
  const payload = JSON.stringify(body);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(payload),
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, payload),
  };
  const agent = useAgent(url, {
    allowPrivateIPAddress: allowPrivate,
    allowMetaIPAddress: false,
  });
  const send = url.startsWith('https:') ? overHttps : overHttp;
  const status = await new Promise<number>((resolve, reject) => {
    const signal = AbortSignal.timeout(patienceMs);
    send(url, { method: 'POST', headers, agent, signal }, (answer) => {
      answer.destroy(); // what it says does not matter
      resolve(answer.statusCode!);
    })
      .once('error', reject)
      .end(payload);
  });
  if (status < 200 || status > 299) throw new Error(`answered ${status}`);
}
