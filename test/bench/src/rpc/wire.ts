/** The same body for every contestant: JSON. */
export const SERVICE = 'bench.Echo';
export const PATH = `/${SERVICE}/echo`;
export const encode = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
export const decode = (bytes: Buffer): unknown => JSON.parse(bytes.toString());
