/** Stands for election, in processes that are a scanner. Others do not: who is elected must have ears. */
import { Inject, Injectable } from '@nestjs/common';
import { type Leadership, OnLeader } from '@menagerie/zookeeper-nest';
import { Scanner } from './scanner.js';

@Injectable()
export class ScannerElection {
  constructor(@Inject(Scanner) private readonly scanner: Scanner) {}

  @OnLeader({ election: 'scanner' })
  async lead(leadership: Leadership): Promise<void> {
    await this.scanner.lead(leadership);
  }
}
