import type { ConnectionSettings } from "../../src/core/connection.ts";
import { createConnector } from "../../src/remote/ssh/connect.ts";
import type { SshEnvironment } from "../../src/remote/ssh/environment.ts";
import type { Transport } from "../../src/remote/transport.ts";

/** One connection that shares nothing. Rejects as `Connector.connect` does. */
export async function connectSsh(
  settings: ConnectionSettings,
  environment: SshEnvironment,
  signal: AbortSignal,
): Promise<Transport> {
  const connector = createConnector(environment);
  const transport = await connector.connect(settings, signal);
  return {
    ...transport,
    close: async () => {
      await transport.close();
      connector.close();
    },
  };
}
