/** The config center's parts. */
import { Module } from '@nestjs/common';
import { PatternModule } from '@menagerie/platform-nest';
import { Books } from './books/books.js';
import type { ConfigCenterConfig } from './config.js';
import { ConfigController } from './http/config.controller.js';

@Module({
  imports: [
    PatternModule.forRoot<ConfigCenterConfig>({
      application: 'config-center',
      auth: ({ credentials }) => [{ scheme: 'digest', credentials }],
    }),
  ],
  controllers: [ConfigController],
  providers: [Books],
})
export class AppModule {}
