import type { FastifyRequest } from "fastify";
import { DialectError } from "./dialect-fault.ts";

const forms = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i;

/**
 * The fields of a body that was sent as a form; null where it was not. Of several fields of one name the last counts.
 * Refuses what is no form.
 */
export async function formOf({ headers, body }: FastifyRequest): Promise<Readonly<Record<string, string>> | null> {
  const content_type = headers["content-type"] ?? "";
  if (!forms.test(content_type)) return null;
  if (!Buffer.isBuffer(body)) return {};
  // Loaded with the first form: most services never see one.
  const { Response } = await import("undici");
  try {
    const form = await new Response(body, { headers: { "content-type": content_type } }).formData();
    const fields = Object.create(null) as Record<string, string>;
    for (const [name, value] of form) fields[name] = typeof value === "string" ? value : "";
    return fields;
  } catch {
    throw new DialectError({ kind: "bad-request", detail: "The form cannot be read." });
  }
}
