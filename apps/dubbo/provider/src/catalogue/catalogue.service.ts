/** The catalogue as others call it. */
import { Inject, Injectable } from '@nestjs/common';
import { DubboService } from '@menagerie/dubbo-nest';
import { SERVICE_CONFIG } from '@menagerie/service';
import type { ProviderConfig } from '../config.js';
import { Catalogue, type Quote } from './catalogue.js';
import { type Product, readProducts } from './product.js';

@Injectable()
@DubboService({ interface: 'shop.Catalogue', version: '1.0.0' })
export class CatalogueService {
  private readonly catalogue: Catalogue;

  constructor(@Inject(SERVICE_CONFIG) private readonly config: ProviderConfig) {
    this.catalogue = new Catalogue(readProducts(config.dataFile));
  }

  product(sku: string): Product {
    return this.catalogue.product(sku);
  }

  search(words: string, limit?: number): readonly Product[] {
    return this.catalogue.search(words, limit);
  }

  quote(sku: string, quantity: number): Quote {
    return this.catalogue.quote(sku, quantity);
  }

  /** Which replica answers. */
  whoami(): string {
    return this.config.id;
  }
}
