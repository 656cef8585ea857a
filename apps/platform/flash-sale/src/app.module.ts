/** The parts of a shop. */
import { Module } from '@nestjs/common';
import { PatternModule } from '@menagerie/platform-nest';
import { SaleController } from './http/sale.controller.js';
import { Sale } from './sale/sale.js';
import { Stock } from './sale/stock.js';

@Module({
  imports: [PatternModule.forRoot({ application: 'flash-sale' })],
  controllers: [SaleController],
  providers: [Stock, Sale],
})
export class AppModule {}
