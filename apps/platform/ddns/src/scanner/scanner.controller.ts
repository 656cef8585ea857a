/** Scanner: hears reports. */
import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { addressOf } from '@menagerie/platform-core';
import { Operation } from '@menagerie/platform-nest';
import { checked } from '@menagerie/service';
import { z } from 'zod';
import { OfPart } from '../part.guard.js';
import { canonical, nameSchema } from '../register/register.controller.js';
import { Scanner } from './scanner.js';

const report = z.strictObject({ app: z.string().min(1).max(64), domain: nameSchema, address: z.string() });

@OfPart('scanner')
@Controller('reports')
export class ScannerController {
  constructor(@Inject(Scanner) private readonly scanner: Scanner) {}

  @Post()
  @HttpCode(204)
  @Operation('a provider is there and well', report)
  async report(@Body(checked(report)) { app, domain, address }: z.infer<typeof report>): Promise<void> {
    await this.scanner.report({ app, domain: canonical(domain), address: addressOf(address) });
  }
}
