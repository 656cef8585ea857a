/** One broker: `kafka-broker SERVER_PROPERTIES`. */
import { ExitCode, runService } from '@menagerie/service';

import { AppModule } from './app.module.js';
import { brokerConfig } from './config/broker-config.js';
import { readProperties } from './config/properties.js';
import { BrokerError } from './errors.js';

const USAGE = 'usage: kafka-broker SERVER_PROPERTIES\n';

/** @param args what stands behind the program's name. Ends the process: see `runService`. */
export async function main(args: readonly string[]): Promise<void> {
  const [path, ...rest] = args;
  if (path === '--help' || path === '-h') return void process.stdout.write(USAGE);
  if (path === undefined || rest.length > 0) {
    process.stderr.write(USAGE);
    process.exit(ExitCode.usage);
  }
  let properties: Readonly<Record<string, string>>;
  try {
    properties = readProperties(path);
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    process.stderr.write(`kafka-broker: ${error.message}\n`);
    process.exit(error.userMistake ? ExitCode.usage : ExitCode.failure);
  }
  await runService({
    name: 'kafka/broker',
    instance: ({ brokerId }) => (brokerId < 0 ? 'kafka' : `kafka${brokerId}`),
    config: brokerConfig(properties),
    environment: properties,
    module: AppModule,
  });
}
