/** The picture of who collects what, as a page that draws itself from `state` and `history`. */
import { readFileSync } from 'node:fs';
import { Controller, Get, Header } from '@nestjs/common';

const read = (name: string): string => readFileSync(new URL(`../../public/${name}`, import.meta.url), 'utf8');
/** Nothing from elsewhere, nothing inline. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'self'";

@Controller()
export class PictureController {
  private readonly page = read('picture.html');
  private readonly script = read('picture.js');
  private readonly style = read('picture.css');

  @Get('picture')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  getPage(): string {
    return this.page;
  }

  @Get('picture.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  getScript(): string {
    return this.script;
  }

  @Get('picture.css')
  @Header('content-type', 'text/css; charset=utf-8')
  getStyle(): string {
    return this.style;
  }
}
