/** What can be asked of a config center, and told to it. A secret's value leaves it only through ZooKeeper, by its ACL. */
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { type Change, formatOf, isKey, MASK, masked, PatternError, type Revision } from '@menagerie/platform-core';
import { Operation } from '@menagerie/platform-nest';
import { checked } from '@menagerie/service';
import { z } from 'zod';
import { Books } from '../books/books.js';

const MAX_CHANGES = 100;
const MAX_READERS = 100;

const name = z.string().regex(/^[A-Za-z][\w.-]{0,99}$/, 'expected a name of letters, digits, "._-"');
const key = z.string().refine(isKey, 'expected a key of letters, digits, "._-"');
const changes = z
  .array(z.strictObject({ key, text: z.string().nullable(), isSecret: z.boolean().default(false) }))
  .min(1)
  .max(MAX_CHANGES)
  .refine((all) => new Set(all.map((each) => each.key)).size === all.length, 'expected each key once');
const signature = {
  by: z.string().min(1).max(100),
  comment: z.string().max(1_000).default(''),
  expected: z.number().int().min(0).optional(),
};
const publication = z.strictObject({ ...signature, changes });
const question = z.strictObject({ changes });
const rollback = z.strictObject({ ...signature, to: z.number().int().min(1) });
const schema = z.strictObject({ schema: z.record(z.string(), z.unknown()) });
const readers = z.strictObject({
  readers: z.array(z.string().regex(/^[^\s:]+:[A-Za-z0-9+/=]{28}$/, 'expected name:digest')).max(MAX_READERS),
});
const number = z
  .string()
  .regex(/^\d{1,9}$/, 'expected a revision')
  .transform(Number);
const range = z.object({ from: number, to: number });

@Controller('apps')
export class ConfigController {
  constructor(@Inject(Books) private readonly books: Books) {}

  @Get()
  @Operation('applications that have published')
  async apps(): Promise<readonly string[]> {
    return await this.books.names();
  }

  @Get(':app')
  @Operation('what stands now; secrets are masked')
  async current(@Param('app', checked(name)) app: string): Promise<object> {
    const book = await this.books.existing(app);
    const [tree, history] = [await book.tree(), await book.history()];
    const values = [...tree.values()]
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map((each) => {
        return { key: each.key, format: formatOf(each.key), isSecret: each.isSecret, text: shown(each) };
      });
    return { app, revision: history.at(-1)?.number ?? 0, values };
  }

  @Get(':app/values/:key')
  @Operation('one value; a secret is masked')
  async value(@Param('app', checked(name)) app: string, @Param('key', checked(key)) which: string): Promise<object> {
    const change = (await (await this.books.existing(app)).tree()).get(which);
    if (change === undefined) throw new PatternError('CONFIG_NOT_FOUND', `${app} has no key "${which}"`);
    return { key: which, format: formatOf(which), isSecret: change.isSecret, text: shown(change) };
  }

  @Get(':app/revisions')
  @Operation('who changed what, when and why; secrets are masked')
  async revisions(@Param('app', checked(name)) app: string): Promise<readonly Revision[]> {
    return (await (await this.books.existing(app)).history()).map(masked);
  }

  @Get(':app/diff')
  @Operation('what differs between two revisions')
  async diff(
    @Param('app', checked(name)) app: string,
    @Query(checked(range)) { from, to }: z.infer<typeof range>,
  ): Promise<object> {
    return await (await this.books.existing(app)).diff(from, to);
  }

  @Post(':app/check')
  @HttpCode(200)
  @Operation('what publishing would change, without doing so', question)
  async check(
    @Param('app', checked(name)) app: string,
    @Body(checked(question)) body: z.infer<typeof question>,
  ): Promise<object> {
    return await (await this.books.existing(app)).check(body.changes);
  }

  @Post(':app/revisions')
  @Operation('publishes; all of it or nothing', publication)
  async publish(
    @Param('app', checked(name)) app: string,
    @Body(checked(publication)) body: z.infer<typeof publication>,
  ): Promise<Revision> {
    return masked(await (await this.books.opened(app)).publish(body.changes, body));
  }

  @Post(':app/rollback')
  @Operation('publishes what stood at an earlier revision', rollback)
  async rollback(
    @Param('app', checked(name)) app: string,
    @Body(checked(rollback)) body: z.infer<typeof rollback>,
  ): Promise<Revision> {
    return masked(await (await this.books.existing(app)).rollback(body.to, body));
  }

  @Put(':app/schemas/:key')
  @HttpCode(204)
  @Operation('what documents of a key must be from now on', schema)
  async setSchema(
    @Param('app', checked(name)) app: string,
    @Param('key', checked(key)) which: string,
    @Body(checked(schema)) body: z.infer<typeof schema>,
  ): Promise<void> {
    const text = JSON.stringify(body.schema);
    await (await this.books.opened(app)).setSchema(which, text);
  }

  @Put(':app/readers')
  @HttpCode(204)
  @Operation("who may read the application's secrets, as ids of ZooKeeper's digest scheme", readers)
  async setReaders(
    @Param('app', checked(name)) app: string,
    @Body(checked(readers)) body: z.infer<typeof readers>,
  ): Promise<void> {
    await (await this.books.opened(app)).setReaders(body.readers);
  }
}

const shown = ({ isSecret, text }: Change): string => (isSecret ? MASK : (text ?? ''));
