/** What an operator writes: zoo.cfg. Every mistake is one line. */
import { EnsembleError, parseZooCfg } from '@menagerie/ensemble';
import { check, Refusal, refusing, type Target } from '../target.js';

const standalone = `tickTime=2000
dataDir=data
clientPort=2181
clientPortAddress=127.0.0.1
autopurge.snapRetainCount=3
autopurge.purgeInterval=1
4lw.commands.whitelist=stat, ruok
`;
const ensemble = `tickTime=500
initLimit=10
syncLimit=5
dataDir=data
server.1=127.0.0.1:2888:3888:participant;127.0.0.1:2181
server.2=[::1]:2889:3889;2182
server.3=zk3.example:2890:3890:observer;2183
group.1=1:2
group.2=3
weight.1=2
quorumListenOnAllIPs=true
standaloneEnabled=false
`;

export const configTargets: readonly Target[] = [
  {
    name: 'zoo-cfg',
    covers: 'infra/ensemble/dist',
    seeds: () => [Buffer.from(standalone), Buffer.from(ensemble)],
    run: (input) => {
      const text = input.toString('latin1');
      // A path of chance is read from as an operator's would be; devices do not end.
      if (text.includes('/')) throw new Refusal('not tried');
      try {
        refusing(
          (error) => error instanceof EnsembleError,
          () => parseZooCfg(text, null),
        );
      } catch (error) {
        if (error instanceof Refusal) check(!error.message.includes('\n'), `more than one line: ${error.message}`);
        throw error;
      }
    },
  },
];
