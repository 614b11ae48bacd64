import { AuthorizationError, PermissionViolationError } from "@nats-io/transport-node";
import { errors } from "@ringline/core";

/** Codes of Node's TLS, and of OpenSSL, for certificates that are not accepted, at either end. */
const CERTIFICATE = /CERT|^ERR_(SSL|TLS)_|^UNABLE_TO_/;

/** The error for servers that could not be used, with its remedy. */
export function noConnection(cause: unknown, servers: readonly string[]) {
  return new errors.BACKEND_UNAVAILABLE({ backend: "nats" }, { cause, remedy: remedyOf(cause, servers.join(" or ")) });
}

function remedyOf(cause: unknown, at: string): string {
  if (cause instanceof AuthorizationError) {
    return `The server at ${at} refused who this is: pass \`credentials\` that its configuration knows.`;
  }
  if (cause instanceof PermissionViolationError) {
    return `The server at ${at} refuses this user a subject (${cause.message}): allow it in the permissions of its configuration.`;
  }
  const { code = "" } = cause as { readonly code?: string };
  if (CERTIFICATE.test(code)) {
    return `TLS with ${at} failed (${code}): name the authority of its certificate in \`tls.caFile\`, use an address that the certificate is for, and pass \`certFile\` and \`keyFile\` where the server asks for them.`;
  }
  return `Start a NATS server (one program, nats-server) at ${at}, or name others in \`servers\`.`;
}
