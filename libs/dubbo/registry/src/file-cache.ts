/** The lists a process has seen last, on disk: from these it starts when there is no registry. Source: `AbstractRegistry.java`. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DubboError, DubboUrl } from '@menagerie/dubbo-url';
import { z } from 'zod';

/** So long after a change it is written, all changes of that time together. */
export const SAVE_AFTER_MS = 500;

const schema = z.object({ version: z.number().int(), services: z.record(z.string(), z.string()) });

/** A file belongs to one process. */
export class FileCache {
  /** Invariant: grows with each write; what is on disk never goes back. */
  private version = 0;
  private readonly services = new Map<string, string>();
  private timer: NodeJS.Timeout | null = null;

  /** @param onProblem told of what could not be read or written: it is a cache, calls go on */
  constructor(
    private readonly path: string,
    private readonly onProblem: (error: DubboError) => void,
  ) {
    this.read();
  }

  /** Empty for a service that was never seen. */
  get(serviceKey: string): readonly DubboUrl[] {
    const text = this.services.get(serviceKey) ?? '';
    return text
      .split(' ')
      .filter((one) => one !== '')
      .map((one) => DubboUrl.parse(one));
  }

  set(serviceKey: string, urls: readonly DubboUrl[]): void {
    const text = urls.join(' ');
    if (this.services.get(serviceKey) === text) return;
    this.services.set(serviceKey, text);
    this.timer ??= setTimeout(() => this.save(), SAVE_AFTER_MS).unref();
  }

  /** Written beside and renamed: whoever reads finds the old list or the new one. */
  save(): void {
    if (this.timer === null) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.version += 1;
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      const text = JSON.stringify({ version: this.version, services: Object.fromEntries(this.services) }, undefined, 1);
      writeFileSync(`${this.path}.new`, text);
      renameSync(`${this.path}.new`, this.path);
    } catch (cause) {
      this.report('written', cause);
    }
  }

  private read(): void {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.report('read', error);
      return;
    }
    try {
      const { version, services } = schema.parse(JSON.parse(text));
      for (const [key, urls] of Object.entries(services)) {
        for (const url of urls.split(' ')) if (url !== '') DubboUrl.parse(url);
        this.services.set(key, urls);
      }
      this.version = version;
    } catch (error) {
      this.services.clear();
      this.report('read', error);
    }
  }

  private report(what: string, cause: unknown): void {
    const why = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause);
    this.onProblem(
      new DubboError('DUBBO_REGISTRY_UNAVAILABLE', `${this.path} could not be ${what}: ${why}`, { cause }),
    );
  }
}
