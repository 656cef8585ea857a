/**
 * One container from its start to its end: program, memory limit, time limit, and the reason of its end.
 *
 *   NEW -> RUNNING -> COMPLETE
 *
 * Invariant: `exitStatus` and `diagnostics` are final once the state is COMPLETE, and the first cause wins: a container
 * that is killed for its memory does not end as "killed by signal 9".
 */
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ContainerGrant,
  type ContainerReport,
  ContainerEnvironment,
  ContainerExitStatus,
  ContainerState,
  type ContainerStatus,
  type LaunchContext,
  MAX_DIAGNOSTICS_CHARS,
  type NodeContainerReport,
} from '@menagerie/yarn-protocol';
import { launchProcess, type LaunchedProcess } from './container-process.js';

export interface ContainerOptions {
  readonly grant: ContainerGrant;
  readonly launch: LaunchContext;
  /** Of this container alone: `work`, `output` and `log` are made in it. */
  readonly directory: string;
  /** What every container of this node is told. */
  readonly environment: Readonly<Record<string, string>>;
  readonly killDelayMs: number;
  readonly onEnded: (container: Container) => void;
}

/** A container that names no limit may run this long; nothing runs for ever. */
const DEFAULT_TIME_LIMIT_MS = 3_600_000;
/** As much of standard error as a report carries, as YARN does. */
const STDERR_TAIL_BYTES = 4096;

export class Container {
  readonly outputDir: string;
  readonly logDir: string;
  readonly startedAtMs = Date.now();
  readonly timeLimitMs: number;
  private process: LaunchedProcess | null = null;
  private state: ContainerState = ContainerState.New;
  private exitStatus: number = ContainerExitStatus.Invalid;
  private diagnostics = '';
  private cause: { exitStatus: number; diagnostics: string } | null = null;
  private memoryUsedMb = 0;
  private timeLimit: NodeJS.Timeout | null = null;
  private killing: NodeJS.Timeout | null = null;
  private resolveEnded: () => void = () => undefined;
  /** Resolves when the state is COMPLETE. */
  readonly whenEnded = new Promise<void>((resolve) => (this.resolveEnded = resolve));

  constructor(private readonly options: ContainerOptions) {
    this.outputDir = join(options.directory, 'output');
    this.logDir = join(options.directory, 'log');
    const limit = Number(options.launch.environment[ContainerEnvironment.TimeLimitMs]);
    this.timeLimitMs = Number.isSafeInteger(limit) && limit > 0 ? limit : DEFAULT_TIME_LIMIT_MS;
  }

  get grant(): ContainerGrant {
    return this.options.grant;
  }

  get id(): string {
    return this.options.grant.containerId;
  }

  get isComplete(): boolean {
    return this.state === ContainerState.Complete;
  }

  get pid(): number | null {
    return this.process?.pid ?? null;
  }

  /** Never throws: a program that cannot be started is a container that has ended. */
  async start(): Promise<void> {
    const { launch, directory, environment, grant } = this.options;
    const workDir = join(directory, 'work');
    try {
      for (const each of [workDir, this.outputDir, this.logDir]) await mkdir(each, { recursive: true });
      if (this.cause) return this.finish(this.cause);
      this.process = await launchProcess({
        command: launch.command,
        environment: {
          PATH: process.env['PATH'] ?? '/usr/bin:/bin',
          ...launch.environment,
          ...environment,
          [ContainerEnvironment.ContainerId]: grant.containerId,
          [ContainerEnvironment.OutputDir]: this.outputDir,
          [ContainerEnvironment.LogDir]: this.logDir,
        },
        workDir,
        logDir: this.logDir,
      });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return this.finish({
        exitStatus: ContainerExitStatus.LaunchFailed,
        diagnostics: `cannot be started: ${message}`,
      });
    }
    this.state = ContainerState.Running;
    this.timeLimit = setTimeout(
      () => this.end(ContainerExitStatus.ExceededTime, `ran longer than its ${this.timeLimitMs} ms`),
      this.timeLimitMs,
    );
    void this.process.ended.then(({ exitCode }) => this.exited(exitCode));
    if (this.cause) this.kill();
  }

  /** Asks it to end, and makes it. The first reason given is the one reported. */
  end(exitStatus: number, diagnostics: string): void {
    if (this.isComplete) return;
    this.cause ??= { exitStatus, diagnostics };
    if (this.process && !this.killing) this.kill();
  }

  /** Takes in how much memory its processes have. Over the limit it is killed at once: the node's memory is promised. */
  memorySeen(memoryMb: number): void {
    this.memoryUsedMb = memoryMb;
    const limit = this.grant.resource.memoryMb;
    if (memoryMb <= limit || this.isComplete || this.cause) return;
    const used = memoryMb.toFixed(0);
    this.cause = {
      exitStatus: ContainerExitStatus.ExceededPhysicalMemory,
      diagnostics: `is running beyond its memory: ${used} MB of ${limit} MB used`,
    };
    this.process?.signal('SIGKILL');
  }

  status(): ContainerStatus {
    const { state, exitStatus, diagnostics } = this;
    return { containerId: this.id, state, exitStatus, diagnostics };
  }

  /** For a ResourceManager that rebuilds its scheduler. */
  nodeReport(): NodeContainerReport {
    const { resource, priority } = this.grant;
    return { ...this.status(), resource, priority, creationTimeMs: this.startedAtMs };
  }

  report(): ContainerReport {
    return {
      ...this.status(),
      pid: this.isComplete ? null : this.pid,
      memoryLimitMb: this.grant.resource.memoryMb,
      memoryUsedMb: Math.round(this.memoryUsedMb),
      timeLimitMs: this.timeLimitMs,
      startedAtMs: this.startedAtMs,
      logDir: this.logDir,
    };
  }

  private kill(): void {
    this.process?.signal('SIGTERM');
    this.killing = setTimeout(() => this.process?.signal('SIGKILL'), this.options.killDelayMs);
  }

  private async exited(exitCode: number): Promise<void> {
    // Children that the program left behind are part of the container and end with it.
    this.process?.signal('SIGKILL');
    if (this.cause) return this.finish(this.cause);
    const tail = exitCode === 0 ? '' : await this.stderrTail();
    this.finish({ exitStatus: exitCode, diagnostics: exitCode === 0 ? '' : `exited with ${exitCode}${tail}` });
  }

  private finish(end: { exitStatus: number; diagnostics: string }): void {
    if (this.isComplete) return;
    if (this.timeLimit) clearTimeout(this.timeLimit);
    if (this.killing) clearTimeout(this.killing);
    this.state = ContainerState.Complete;
    this.exitStatus = end.exitStatus;
    this.diagnostics = `${this.id} ${end.diagnostics}`.slice(0, MAX_DIAGNOSTICS_CHARS);
    this.resolveEnded();
    this.options.onEnded(this);
  }

  private async stderrTail(): Promise<string> {
    try {
      const file = await open(join(this.logDir, 'stderr'), 'r');
      try {
        const { size } = await file.stat();
        const length = Math.min(size, STDERR_TAIL_BYTES);
        const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
        return length === 0 ? '' : `; end of its standard error:\n${buffer.toString('utf8')}`;
      } finally {
        await file.close();
      }
    } catch {
      return '';
    }
  }
}
