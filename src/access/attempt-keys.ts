import { createHmac } from "node:crypto";
import { networkOf } from "./client-network.ts";
import { canonicalEmail } from "./email-address.ts";

/** What stands for an account in the table of attempts: no address can be read from it, nor tried without the vault's secret. */
export function accountKey(secret: Uint8Array, email: string): Buffer {
  return keyOf(secret, `account:${canonicalEmail(email) ?? email.slice(0, 400)}`);
}

/** What stands for the network that an attempt came from. */
export function networkKey(secret: Uint8Array, address: string): Buffer {
  return keyOf(secret, `network:${networkOf(address)}`);
}

/** What stands for a device that somebody has signed in with. */
export function deviceKey(secret: Uint8Array, device: string): Buffer {
  return keyOf(secret, `device:${device}`);
}

function keyOf(secret: Uint8Array, text: string): Buffer {
  return createHmac("sha256", secret).update(text).digest().subarray(0, 16);
}
