/**
 * Carries out what stands at `/XAE/command/<host>`: the latest order wins, each by its id once. What came of it is in the
 * host's own node.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { Inject, Injectable } from '@nestjs/common';
import { type Command, commandSchema, hostsPaths } from '@menagerie/platform-core';
import { LOGGER, type Logger, SERVICE_CONFIG } from '@menagerie/service';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import type { AgentConfig } from './config.js';

export interface Acknowledged {
  readonly id: string;
  readonly result: string;
}

/** Whoever runs the agent starts it again, as the new version. */
export const UPGRADED_EXIT_CODE = 75;
const VERSION = /^\d{1,4}\.\d{1,4}\.\d{1,4}$/;

@Injectable()
export class Commands {
  acknowledged: Acknowledged | null = null;
  draining = false;
  /** The version that it shall be after its next start. */
  upgradedTo: string | null = null;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(SERVICE_CONFIG) private readonly config: AgentConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Until the signal fires. @param onDone told after each command */
  async follow(signal: AbortSignal, onDone: () => void): Promise<void> {
    const path = hostsPaths.command(this.config.host);
    for await (const { data } of this.client.watch(path, { kind: 'data', signal })) {
      if (data === null) continue;
      const command = this.parse(data);
      if (command === null || command.id === this.acknowledged?.id) continue;
      this.acknowledged = { id: command.id, result: this.carryOut(command) };
      this.logger.info({ command: command.verb, result: this.acknowledged.result }, 'carried out');
      onDone();
    }
  }

  private carryOut({ verb, argument }: Command): string {
    switch (verb) {
      case 'ping':
        return `pong from ${this.config.host}`;
      case 'drain':
      case 'undrain':
        this.draining = verb === 'drain';
        return this.draining ? 'draining' : 'in service';
      case 'upgrade':
        if (!VERSION.test(argument)) return `refused: expected a version as 1.2.3, got "${argument}"`;
        // Found again after the restart: not carried out twice.
        if (argument === this.config.version) return `is ${argument}`;
        writeFileSync(`${this.config.versionFile}.new`, argument);
        renameSync(`${this.config.versionFile}.new`, this.config.versionFile);
        this.upgradedTo = argument;
        return `restarts as ${argument}`;
      default:
        return verb satisfies never;
    }
  }

  private parse(data: Buffer): Command | null {
    try {
      return commandSchema.parse(JSON.parse(data.toString()));
    } catch {
      this.logger.warn('what stands at the command is none');
      return null;
    }
  }
}
