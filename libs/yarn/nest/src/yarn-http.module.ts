/** Import it once; every controller of the application then answers errors YARN's way. */
import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { YarnErrorFilter } from './yarn-error.filter.js';

@Module({ providers: [{ provide: APP_FILTER, useClass: YarnErrorFilter }] })
export class YarnHttpModule {}
