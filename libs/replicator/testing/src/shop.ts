/** The data that is replicated: a shop with items and orders. */
import type { Pool } from 'mysql2/promise';

export const SHOP_TABLES = ['items', 'orders'] as const;

const ITEMS = `CREATE TABLE items (
  id INT UNSIGNED NOT NULL PRIMARY KEY,
  name VARCHAR(80) NOT NULL,
  price DECIMAL(10,2) NOT NULL,
  stock INT NOT NULL,
  changed_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)
) DEFAULT CHARSET=utf8mb4`;
const ORDERS = `CREATE TABLE orders (
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  item INT UNSIGNED NOT NULL,
  pieces SMALLINT NOT NULL,
  state ENUM('new','paid','sent') NOT NULL DEFAULT 'new',
  note TEXT,
  ordered_at DATETIME(3) NOT NULL,
  KEY by_item (item),
  CONSTRAINT of_item FOREIGN KEY (item) REFERENCES items (id)
) DEFAULT CHARSET=utf8mb4`;

/** Makes the tables, and so many items. */
export async function openShop(pool: Pool, items = 200): Promise<void> {
  await pool.query(ITEMS);
  await pool.query(ORDERS);
  const rows = Array.from({ length: items }, (_, at) => [
    at + 1,
    `Ding №${at + 1} "ö'`,
    ((at * 7.77) % 99).toFixed(2),
    1_000,
  ]);
  await pool.query('INSERT INTO items (id, name, price, stock) VALUES ?', [rows]);
}
