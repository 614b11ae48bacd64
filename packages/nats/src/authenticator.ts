import {
  type Authenticator,
  credsAuthenticator,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "@nats-io/transport-node";
import type { Settings } from "./options.js";

/** Authenticator of the client for these credentials. */
export function authenticatorOf(credentials: NonNullable<Settings["credentials"]>): Authenticator {
  if ("content" in credentials) return credsAuthenticator(credentials.content);
  if ("nkey" in credentials) return nkeyAuthenticator(new TextEncoder().encode(credentials.nkey));
  if ("token" in credentials) return tokenAuthenticator(credentials.token);
  return usernamePasswordAuthenticator(credentials.user, credentials.password);
}
