/** The parts of a provider. */
import { Controller, Get, Inject, Module } from '@nestjs/common';
import { Operation, PatternModule } from '@menagerie/platform-nest';
import { SERVICE_CONFIG } from '@menagerie/service';
import type { ProviderConfig } from './config.js';
import { Presence } from './presence.js';

@Controller('hello')
class HelloController {
  constructor(@Inject(SERVICE_CONFIG) private readonly config: ProviderConfig) {}

  @Get()
  @Operation('who serves')
  hello(): { readonly provider: string } {
    return { provider: this.config.id };
  }
}

@Module({
  imports: [PatternModule.forRoot({ application: 'ddns-provider' })],
  controllers: [HelloController],
  providers: [Presence],
})
export class AppModule {}
