import { describe, expect, it } from 'vitest';

import { parseTcpTable } from './open-links.js';
import { renderRules } from './rules.js';

describe('the rules of a partition', () => {
  it('drop what the process sends, and what is sent to its ports and its own links', () => {
    const zk1 = { id: 'zk1', gid: 47_001, ports: [2181, 2888], links: [[40_000, 2889]] as const };
    const rm1 = { id: 'rm1', gid: 47_004, ports: [8088], links: [] };
    expect(renderRules('menagerie_x', [zk1, rm1])).toBe(
      `table inet menagerie_x
delete table inet menagerie_x
table inet menagerie_x {
  chain output {
    type filter hook output priority filter; policy accept;
    oifname "lo" meta skgid { 47001, 47004 } drop
  }
  chain input {
    type filter hook input priority filter; policy accept;
    iifname "lo" tcp dport { 2181, 2888, 8088 } drop
    iifname "lo" tcp dport . tcp sport { 40000 . 2889 } drop
  }
}
`,
    );
  });

  it('of nobody are no rules at all', () => {
    expect(renderRules('menagerie_x', [])).toBe('table inet menagerie_x\ndelete table inet menagerie_x\n');
  });
});

it("reads established connections from the kernel's table", () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0885 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0000 100 0 0 10 0
   1: 0100007F:9C40 0100007F:0B49 01 00000000:00000000 00:00000000 00000000     0        0 222 1 0000 20 4 30 10 -1
`;
  expect(parseTcpTable(table)).toEqual([{ inode: '222', ports: [40_000, 2889] }]);
});
