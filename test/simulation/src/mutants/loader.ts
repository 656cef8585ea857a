/**
 * Module hooks of a process with a mutant: the files it changes are made of the changed source, as the compiler would.
 * Nothing is written, and nothing else is touched.
 */
import { readFileSync } from 'node:fs';
import type { LoadFnOutput, LoadHookContext } from 'node:module';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { mutate, type Mutant } from './mutant.js';

let mutant: Mutant | null = null;

export function initialize(data: Mutant): void {
  mutant = data;
}

const builtFrom = (file: string): string => `/${file.replace('/src/', '/dist/').replace(/\.ts$/, '.js')}`;

export async function load(
  url: string,
  context: LoadHookContext,
  next: (url: string, context: LoadHookContext) => Promise<LoadFnOutput>,
): Promise<LoadFnOutput> {
  const edits = mutant?.edits.filter(({ file }) => url.endsWith(builtFrom(file))) ?? [];
  if (mutant === null || edits.length === 0) return next(url, context);
  const path = fileURLToPath(url).replace('/dist/', '/src/').replace(/\.js$/, '.ts');
  let source = readFileSync(path, 'utf8');
  for (const edit of edits) source = mutate(source, mutant.name, edit);
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
  const { outputText } = ts.transpileModule(source, { compilerOptions });
  return { format: 'module', shortCircuit: true, source: outputText };
}
