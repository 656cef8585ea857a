/**
 * Names for resources, in the manner of JNDI: a name in a context is bound to whatever describes the resource, or to
 * another name (a link). `/naming/<context>/<name>`, persistent; contexts are nodes too.
 */
import { Inject, Injectable } from '@nestjs/common';
import { PatternError } from '@menagerie/platform-core';
import { isNodeExists, isNoNode, type ZooKeeperClient, isNotEmpty } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import { z } from 'zod';

export const bindingSchema = z.union([
  z.strictObject({ resource: z.record(z.string(), z.unknown()) }),
  z.strictObject({ link: z.string() }),
]);
export type Binding = z.infer<typeof bindingSchema>;

/** JNDI's own number is 10: a chain that is longer is a circle, or a mistake. */
const MAX_LINKS = 8;
const ROOT = '/naming';

@Injectable()
export class NameRegistry {
  constructor(@Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient) {}

  /** @throws PatternError `NAMING_BOUND` when the name is taken: `rebind` replaces */
  async bind(name: string, binding: Binding): Promise<void> {
    const path = `${ROOT}/${name}`;
    await this.client.mkdirp(path.slice(0, path.lastIndexOf('/')));
    try {
      await this.client.create(path, JSON.stringify(binding));
    } catch (error) {
      if (!isNodeExists(error)) throw error;
      throw new PatternError('NAMING_BOUND', `expected a name that is free, and "${name}" is bound`);
    }
  }

  async rebind(name: string, binding: Binding): Promise<void> {
    const path = `${ROOT}/${name}`;
    await this.client.mkdirp(path);
    await this.client.setData(path, JSON.stringify(binding));
  }

  /** What the name, or the name it links to, is bound to. @throws PatternError `NAMING_NOT_FOUND`, `NAMING_LINKS` */
  async lookup(name: string): Promise<{ readonly name: string; readonly resource: Readonly<Record<string, unknown>> }> {
    const seen = [name];
    for (let at = name; ;) {
      const binding = await this.bindingOf(at);
      if ('resource' in binding) return { name: at, resource: binding.resource };
      at = binding.link;
      if (seen.includes(at) || seen.length > MAX_LINKS) {
        const way = [...seen, at].join(' -> ');
        throw new PatternError('NAMING_LINKS', `expected links that end within ${MAX_LINKS} steps, got ${way}`);
      }
      seen.push(at);
    }
  }

  /** Names below, at one level. @throws PatternError `NAMING_NOT_FOUND` */
  async list(context: string): Promise<readonly string[]> {
    try {
      return [...(await this.client.getChildren(`${ROOT}${context === '' ? '' : `/${context}`}`)).children].sort();
    } catch (error) {
      if (isNoNode(error)) throw unknown(context);
      throw error;
    }
  }

  /** @throws PatternError `NAMING_NOT_FOUND`; `NAMING_BOUND` for a context in which names are bound */
  async unbind(name: string): Promise<void> {
    try {
      await this.client.delete(`${ROOT}/${name}`);
    } catch (error) {
      if (isNoNode(error)) throw unknown(name);
      if (!isNotEmpty(error)) throw error;
      throw new PatternError('NAMING_BOUND', `expected an empty context, and names are bound below "${name}"`);
    }
  }

  private async bindingOf(name: string): Promise<Binding> {
    try {
      const { data } = await this.client.getData(`${ROOT}/${name}`);
      const parsed = bindingSchema.safeParse(data.length === 0 ? null : (JSON.parse(data.toString()) as unknown));
      // A context has no data: it is there, and nothing is bound to it.
      if (parsed.success) return parsed.data;
      throw unknown(name);
    } catch (error) {
      if (isNoNode(error)) throw unknown(name);
      throw error;
    }
  }
}

const unknown = (name: string): PatternError =>
  new PatternError('NAMING_NOT_FOUND', `expected a name that is bound, got "${name}"`);
