/** The packet filter's rules for a set of cut processes, as text for `nft -f`. Pure. */

/** One cut process, as its `.cut` file says. */
export interface Cut {
  readonly id: string;
  /** Every socket of the process, and of its children, was opened with this group id (see `ProcessPlan.gid`). */
  readonly gid: number;
  /** The ports it listens on. */
  readonly ports: readonly number[];
  /** Connections it had opened itself when it was cut, as `[its port, the other's port]`. */
  readonly links: readonly (readonly [own: number, other: number])[];
}

/**
 * What a cut process sends is known by its group id. What is sent to it is not, since the kernel does not look up the
 * receiving socket so early: so packets to its ports, and those of links it had opened before, are dropped by number.
 * It cannot open new ones, for nothing it sends arrives. Dropped, not refused: the others see silence, as on a real
 * network.
 *
 * @param table one for each data root, so that two systems on a machine do not heal each other
 */
export function renderRules(table: string, cuts: readonly Cut[]): string {
  // Declaring before deleting makes the deletion work whether the table is there or not; the whole is one transaction.
  const reset = [`table inet ${table}`, `delete table inet ${table}`];
  if (cuts.length === 0) return `${reset.join('\n')}\n`;
  const ports = cuts.flatMap((cut) => cut.ports);
  const links = cuts.flatMap((cut) => cut.links);
  const lines = [
    ...reset,
    `table inet ${table} {`,
    '  chain output {',
    '    type filter hook output priority filter; policy accept;',
    `    oifname "lo" meta skgid { ${cuts.map((cut) => cut.gid).join(', ')} } drop`,
    '  }',
    '  chain input {',
    '    type filter hook input priority filter; policy accept;',
  ];
  if (ports.length > 0) lines.push(`    iifname "lo" tcp dport { ${ports.join(', ')} } drop`);
  if (links.length > 0) {
    const pairs = links.map(([own, other]) => `${own} . ${other}`);
    lines.push(`    iifname "lo" tcp dport . tcp sport { ${pairs.join(', ')} } drop`);
  }
  lines.push('  }', '}');
  return `${lines.join('\n')}\n`;
}
