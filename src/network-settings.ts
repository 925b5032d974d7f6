import { isIP } from "node:net";
import { ConfigError } from "./config-error.ts";

/** The origin that a URL of this service's own has, or null where none is set. Refuses what is more than an origin. */
export function publicUrlOf(value: string | undefined): string | null {
  if (value === undefined || value.trim() === "") return null;
  return (
    originOf(value.trim()) ??
    refuse(`PUBLIC_URL is ${JSON.stringify(value)}; it must be an origin such as https://incidents.example.com.`)
  );
}

/** The sites whose pages may ask this service, each an exact origin. */
export function corsOriginsOf(value: string): readonly string[] {
  const origins = listOf(value).map((origin) => {
    if (origin.includes("*")) {
      return refuse(
        "CORS_ORIGINS has a *, which would let the pages of any site in; name each origin, such as https://console.example.com.",
      );
    }
    return (
      originOf(origin) ??
      refuse(`CORS_ORIGINS names ${JSON.stringify(origin)}; an origin is like https://console.example.com.`)
    );
  });
  return [...new Set(origins)];
}

/** The proxies whose X-Forwarded-For is believed: addresses, and ranges as in 10.0.0.0/8. */
export function trustedProxiesOf(value: string): readonly string[] {
  return listOf(value).map((range) => {
    const [address = "", prefix, ...more] = range.split("/");
    const bits = isIP(address) === 6 ? 128 : 32;
    const isRange = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
    if (isIP(address) === 0 || address.includes("%") || !isRange || more.length > 0) {
      return refuse(
        `TRUSTED_PROXIES names ${JSON.stringify(range)}; it takes addresses such as 10.0.0.7 and ranges such as 10.0.0.0/8.`,
      );
    }
    if (Number(prefix) === 0) {
      return refuse(`TRUSTED_PROXIES has ${range}, which is every address there is; name the proxies in front.`);
    }
    return range;
  });
}

/** How many requests a minute; 0: as many as come. */
export function perMinuteOf(name: string, value: string): number {
  const count = /^\d{1,7}$/.test(value) ? Number(value) : Number.NaN;
  if (count <= 1_000_000) return count;
  return refuse(
    `${name} is ${JSON.stringify(value)}; it must be a whole number from 0 (no limit) to 1000000 a minute.`,
  );
}

function listOf(value: string): readonly string[] {
  if (value.trim() === "" || value.trim().toLowerCase() === "none") return [];
  return value.split(",").map((part) => part.trim());
}

/** The origin of an http or https URL that is nothing more than that, or null. */
function originOf(value: string): string | null {
  if (!/^https?:\/\/[^/?#@\\\s]+\/?$/i.test(value) || !URL.canParse(value)) return null;
  return new URL(value).origin;
}

function refuse(message: string): never {
  throw new ConfigError(message);
}
