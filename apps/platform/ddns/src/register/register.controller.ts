/** Register: providers say which name they serve, and where. */
import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { addressOf, domainOf, PatternError } from '@menagerie/platform-core';
import { Operation } from '@menagerie/platform-nest';
import { checked } from '@menagerie/service';
import { z } from 'zod';
import { Domains } from '../domains/domains.js';
import { OfPart } from '../part.guard.js';

export const nameSchema = z.string().refine((text) => domainOf(text) !== null, 'expected a domain name');
const registration = z.strictObject({
  app: z.string().regex(/^[A-Za-z][\w-]{0,63}$/, 'expected a word'),
  domain: nameSchema,
  address: z.string(),
});

@OfPart('register')
@Controller()
export class RegisterController {
  constructor(@Inject(Domains) private readonly domains: Domains) {}

  @Post('register')
  @Operation('adds an address to a name; the first who does so owns the name', registration)
  async register(@Body(checked(registration)) body: z.infer<typeof registration>): Promise<{ address: string }> {
    const address = addressOf(body.address);
    await this.domains.add(body.app, canonical(body.domain), address);
    return { address };
  }

  @Post('withdraw')
  @HttpCode(204)
  @Operation('takes an address away: it stops in order', registration)
  async withdraw(@Body(checked(registration)) body: z.infer<typeof registration>): Promise<void> {
    const domain = canonical(body.domain);
    const owner = await this.domains.ownerOf(domain);
    if (owner !== null && owner !== body.app) {
      throw new PatternError('DDNS_NOT_OWNER', `expected a domain of ${body.app}, and ${domain} belongs to ${owner}`);
    }
    await this.domains.remove(domain, addressOf(body.address));
  }
}

export const canonical = (name: string): string => domainOf(name) ?? name;
