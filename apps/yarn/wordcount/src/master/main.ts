/** The word count's ApplicationMaster, run by a NodeManager in the first container of the application. */
import { ContainerEnvironment, FinalStatus, isYarnError } from '@menagerie/yarn-protocol';
import { MasterClient, parseRmAddresses, RmProxy } from '@menagerie/yarn-client';
import { SETTINGS_VARIABLE, type WordCountSettings, wordCountSettingsSchema } from '@menagerie/yarn-wordcount';
import { required, runTask, say } from '../environment.js';
import { makeOutput, Master } from './master.js';

await runTask(async () => {
  const settings = wordCountSettingsSchema.parse(JSON.parse(required(SETTINGS_VARIABLE)));
  const master = await prepare(settings);
  if (!master) return;
  try {
    await master.run();
  } catch (error) {
    if (!isYarnError(error, 'YARN_ATTEMPT_NOT_CURRENT')) throw error;
    say('another attempt has taken over');
  }
});

/** An input that cannot be read is the job's failure and not the attempt's: trying again would change nothing. */
async function prepare(settings: WordCountSettings): Promise<Master | null> {
  try {
    await makeOutput(settings);
    return await Master.prepare(settings);
  } catch (error) {
    const client = new MasterClient({
      proxy: new RmProxy({ addresses: parseRmAddresses(required(ContainerEnvironment.RmAddresses)) }),
      attemptId: required(ContainerEnvironment.AttemptId),
      token: required(ContainerEnvironment.MasterToken),
      trackingUrl: '',
      liveContainers: () => [],
    });
    await client.register();
    const diagnostics = error instanceof Error ? error.message : String(error);
    await client.finish({ finalStatus: FinalStatus.Failed, diagnostics, trackingUrl: '' });
    return null;
  }
}
