import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";

/** Name that TLS checks if it was given none, as by the client for a server that is named by its IP address. */
const UNNAMED = "localhost";

/** Whether a certificate is that of a server: of the one that TLS names, or, where it names none, of one in this list. */
export function identityOf(servers: readonly string[]) {
  const hosts = servers.map(hostOf);
  return (name: string, certificate: PeerCertificate): Error | undefined => {
    const names = name === UNNAMED ? hosts : [name];
    const wrong = names.map((one) => checkServerIdentity(one, certificate));
    return wrong.includes(undefined) ? undefined : wrong[0];
  };
}

/** Without scheme, port and the brackets of IPv6. */
function hostOf(server: string): string {
  const address = server.replace(/^\w+:\/\//, "");
  return isIP(address) > 0 ? address : address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
