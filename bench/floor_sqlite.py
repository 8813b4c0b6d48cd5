#!/usr/bin/env python3
"""Physical-limit baseline of an order-to-cash cycle: the standard library's
sqlite3, hand-written SQL, the fewest rows that still carry the meaning, one
durable transaction per user action (six commits per cycle).

  quote    quotation header + 5 lines
  confirm  order header + 5 lines, quotation closed
  process  5 reservations, order released
  ship     shipment + 5 moves, FIFO layers consumed, reservations dropped,
           journal entry (cost of goods / stock)
  post     invoice + 5 lines, journal entry (receivable / revenue / tax)
  pay      payment + allocation, invoice settled, order closed,
           journal entry (bank / receivable)

Every document takes its number from a gapless counter row.
Prints one JSON line.
--reports N[,N...] times the report queries on N bulk-loaded invoices instead.
"""
import argparse
import datetime as dt
import json
import os
import random
import resource
import shutil
import sqlite3
import statistics
import tempfile
import time

STAGES = ['quote', 'confirm', 'process', 'ship', 'post', 'pay']
DOCS_PER_CYCLE = 5  # quotation, order, shipment, invoice, payment

SCHEMA = """
CREATE TABLE counter (kind TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE customer (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL, city TEXT, terms INTEGER NOT NULL);
CREATE TABLE product (id INTEGER PRIMARY KEY, sku TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL, price INTEGER NOT NULL);
CREATE TABLE layer (id INTEGER PRIMARY KEY, product_id INTEGER NOT NULL
    REFERENCES product, received TEXT NOT NULL, qty INTEGER NOT NULL,
    remaining INTEGER NOT NULL CHECK (remaining >= 0 AND remaining <= qty),
    cost INTEGER NOT NULL);
CREATE INDEX layer_open ON layer (product_id, received, id, remaining, cost)
    WHERE remaining > 0;
CREATE TABLE quote (id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE,
    customer_id INTEGER NOT NULL REFERENCES customer, date TEXT NOT NULL,
    state TEXT NOT NULL, net INTEGER NOT NULL, tax INTEGER NOT NULL);
CREATE TABLE quote_line (quote_id INTEGER NOT NULL REFERENCES quote,
    pos INTEGER NOT NULL, product_id INTEGER NOT NULL REFERENCES product,
    qty INTEGER NOT NULL, price INTEGER NOT NULL, net INTEGER NOT NULL,
    PRIMARY KEY (quote_id, pos)) WITHOUT ROWID;
CREATE TABLE sale (id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE,
    quote_id INTEGER REFERENCES quote,
    customer_id INTEGER NOT NULL REFERENCES customer, date TEXT NOT NULL,
    state TEXT NOT NULL, net INTEGER NOT NULL, tax INTEGER NOT NULL);
CREATE INDEX sale_date ON sale (date, id);
CREATE TABLE sale_line (sale_id INTEGER NOT NULL REFERENCES sale,
    pos INTEGER NOT NULL, product_id INTEGER NOT NULL REFERENCES product,
    qty INTEGER NOT NULL, price INTEGER NOT NULL, net INTEGER NOT NULL,
    PRIMARY KEY (sale_id, pos)) WITHOUT ROWID;
CREATE TABLE reservation (sale_id INTEGER NOT NULL, pos INTEGER NOT NULL,
    product_id INTEGER NOT NULL REFERENCES product, qty INTEGER NOT NULL,
    PRIMARY KEY (sale_id, pos),
    FOREIGN KEY (sale_id, pos) REFERENCES sale_line) WITHOUT ROWID;
CREATE INDEX reservation_product ON reservation (product_id, qty);
CREATE TABLE shipment (id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE,
    sale_id INTEGER NOT NULL REFERENCES sale, date TEXT NOT NULL,
    state TEXT NOT NULL);
CREATE TABLE move (shipment_id INTEGER NOT NULL REFERENCES shipment,
    pos INTEGER NOT NULL, product_id INTEGER NOT NULL REFERENCES product,
    qty INTEGER NOT NULL, cost INTEGER NOT NULL,
    PRIMARY KEY (shipment_id, pos)) WITHOUT ROWID;
CREATE TABLE invoice (id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE,
    sale_id INTEGER REFERENCES sale,
    customer_id INTEGER NOT NULL REFERENCES customer, date TEXT NOT NULL,
    due TEXT NOT NULL, net INTEGER NOT NULL, tax INTEGER NOT NULL,
    open INTEGER NOT NULL);
CREATE INDEX invoice_open ON invoice (customer_id, due, open) WHERE open <> 0;
CREATE TABLE invoice_line (invoice_id INTEGER NOT NULL REFERENCES invoice,
    pos INTEGER NOT NULL, product_id INTEGER NOT NULL REFERENCES product,
    qty INTEGER NOT NULL, price INTEGER NOT NULL, net INTEGER NOT NULL,
    PRIMARY KEY (invoice_id, pos)) WITHOUT ROWID;
CREATE TABLE payment (id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE,
    customer_id INTEGER NOT NULL REFERENCES customer, date TEXT NOT NULL,
    amount INTEGER NOT NULL);
CREATE TABLE allocation (payment_id INTEGER NOT NULL REFERENCES payment,
    invoice_id INTEGER NOT NULL REFERENCES invoice, amount INTEGER NOT NULL,
    PRIMARY KEY (payment_id, invoice_id)) WITHOUT ROWID;
CREATE INDEX allocation_invoice ON allocation (invoice_id);
CREATE TABLE journal (id INTEGER PRIMARY KEY, date TEXT NOT NULL,
    kind TEXT NOT NULL, ref INTEGER NOT NULL);
CREATE TABLE journal_line (journal_id INTEGER NOT NULL REFERENCES journal,
    pos INTEGER NOT NULL, account INTEGER NOT NULL, customer_id INTEGER,
    debit INTEGER NOT NULL, credit INTEGER NOT NULL,
    PRIMARY KEY (journal_id, pos)) WITHOUT ROWID;
"""
KINDS = ['quote', 'sale', 'shipment', 'invoice', 'payment']
RECEIVABLE, REVENUE, TAX, STOCK, COGS, BANK = 1200, 4000, 2200, 1400, 5000, 1000


def connect(path, synchronous):
    conn = sqlite3.connect(path, isolation_level=None, cached_statements=256)
    conn.execute('PRAGMA journal_mode = WAL')
    conn.execute('PRAGMA synchronous = %s' % synchronous)
    conn.execute('PRAGMA foreign_keys = ON')
    conn.execute('PRAGMA cache_size = -65536')
    return conn


def masters(conn, customers, products, layers=0, layer_qty=0):
    conn.execute('BEGIN')
    conn.executemany('INSERT OR IGNORE INTO counter VALUES (?, 0)',
        [(k,) for k in KINDS])
    conn.executemany('INSERT INTO customer VALUES (?, ?, ?, ?, 30)', [
            (i, 'C%06d' % i, 'Customer %06d' % i, 'Springfield')
            for i in range(1, customers + 1)])
    conn.executemany('INSERT INTO product VALUES (?, ?, ?, ?)', [
            (i, 'P%06d' % i, 'Product %06d' % i, 2000 + 100 * (i % 50))
            for i in range(1, products + 1)])
    today = dt.date.today()
    conn.executemany(
        'INSERT INTO layer (product_id, received, qty, remaining, cost) '
        'VALUES (?, ?, ?, ?, ?)', [
            (p, str(today - dt.timedelta(days=30 - n)), layer_qty, layer_qty,
                800 + 100 * n)
            for n in range(layers) for p in range(1, products + 1)])
    conn.execute('COMMIT')


class Cycle:

    def __init__(self, conn, lines):
        self.conn = conn
        self.lines = lines
        today = dt.date.today()
        self.today = str(today)
        self.due = str(today + dt.timedelta(days=30))

    def number(self, kind, prefix):
        n, = self.conn.execute(
            'UPDATE counter SET n = n + 1 WHERE kind = ? RETURNING n',
            (kind,)).fetchone()
        return '%s%07d' % (prefix, n)

    def journal(self, kind, ref, lines):
        ex = self.conn.execute
        jid = ex('INSERT INTO journal (date, kind, ref) VALUES (?, ?, ?)',
            (self.today, kind, ref)).lastrowid
        assert sum(l[2] for l in lines) == sum(l[3] for l in lines)
        self.conn.executemany(
            'INSERT INTO journal_line VALUES (?, ?, ?, ?, ?, ?)',
            [(jid, i, *l) for i, l in enumerate(lines)])

    def run(self, customer, basket):
        conn = self.conn
        ex, many = conn.execute, conn.executemany
        clock = time.perf_counter
        times = []

        t = clock()
        ex('BEGIN IMMEDIATE')
        lines = []
        for pos, (product, qty) in enumerate(basket):
            price, = ex('SELECT price FROM product WHERE id = ?',
                (product,)).fetchone()
            lines.append((pos, product, qty, price, qty * price))
        net = sum(l[4] for l in lines)
        tax = (net + 5) // 10
        quote = ex('INSERT INTO quote (number, customer_id, date, state, net, '
            "tax) VALUES (?, ?, ?, 'open', ?, ?)", (
                self.number('quote', 'Q'), customer, self.today, net, tax)
            ).lastrowid
        many('INSERT INTO quote_line VALUES (?, ?, ?, ?, ?, ?)',
            [(quote, *l) for l in lines])
        ex('COMMIT')
        n = clock(); times.append(n - t); t = n

        ex('BEGIN IMMEDIATE')
        ex("UPDATE quote SET state = 'won' WHERE id = ? AND state = 'open'",
            (quote,))
        sale = ex('INSERT INTO sale (number, quote_id, customer_id, date, '
            "state, net, tax) VALUES (?, ?, ?, ?, 'confirmed', ?, ?)", (
                self.number('sale', 'S'), quote, customer, self.today, net,
                tax)).lastrowid
        ex('INSERT INTO sale_line SELECT ?, pos, product_id, qty, price, net '
            'FROM quote_line WHERE quote_id = ?', (sale, quote))
        ex('COMMIT')
        n = clock(); times.append(n - t); t = n

        ex('BEGIN IMMEDIATE')
        ex('INSERT INTO reservation SELECT sale_id, pos, product_id, qty '
            'FROM sale_line WHERE sale_id = ?', (sale,))
        ex("UPDATE sale SET state = 'released' WHERE id = ?", (sale,))
        ex('COMMIT')
        n = clock(); times.append(n - t); t = n

        ex('BEGIN IMMEDIATE')
        shipment = ex('INSERT INTO shipment (number, sale_id, date, state) '
            "VALUES (?, ?, ?, 'done')", (
                self.number('shipment', 'D'), sale, self.today)).lastrowid
        moves, takes, total = [], [], 0
        for pos, product, qty, _, _ in lines:
            need, cost = qty, 0
            for layer, remaining, unit in ex(
                    'SELECT id, remaining, cost FROM layer '
                    'WHERE product_id = ? AND remaining > 0 '
                    'ORDER BY received, id', (product,)):
                take = min(need, remaining)
                takes.append((take, layer))
                cost += take * unit
                need -= take
                if not need:
                    break
            assert not need, 'out of stock'
            moves.append((shipment, pos, product, qty, cost))
            total += cost
        many('UPDATE layer SET remaining = remaining - ? WHERE id = ?', takes)
        many('INSERT INTO move VALUES (?, ?, ?, ?, ?)', moves)
        ex('DELETE FROM reservation WHERE sale_id = ?', (sale,))
        ex("UPDATE sale SET state = 'shipped' WHERE id = ?", (sale,))
        self.journal('shipment', shipment, [
                (COGS, None, total, 0), (STOCK, None, 0, total)])
        ex('COMMIT')
        n = clock(); times.append(n - t); t = n

        ex('BEGIN IMMEDIATE')
        gross = net + tax
        invoice = ex('INSERT INTO invoice (number, sale_id, customer_id, date,'
            ' due, net, tax, open) VALUES (?, ?, ?, ?, ?, ?, ?, ?)', (
                self.number('invoice', 'I'), sale, customer, self.today,
                self.due, net, tax, gross)).lastrowid
        ex('INSERT INTO invoice_line SELECT ?, pos, product_id, qty, price, '
            'net FROM sale_line WHERE sale_id = ?', (invoice, sale))
        self.journal('invoice', invoice, [
                (RECEIVABLE, customer, gross, 0), (REVENUE, None, 0, net),
                (TAX, None, 0, tax)])
        ex('COMMIT')
        n = clock(); times.append(n - t); t = n

        ex('BEGIN IMMEDIATE')
        payment = ex('INSERT INTO payment (number, customer_id, date, amount) '
            'VALUES (?, ?, ?, ?)', (
                self.number('payment', 'R'), customer, self.today, gross)
            ).lastrowid
        ex('INSERT INTO allocation VALUES (?, ?, ?)',
            (payment, invoice, gross))
        ex('UPDATE invoice SET open = open - ? WHERE id = ?',
            (gross, invoice))
        ex("UPDATE sale SET state = 'done' WHERE id = ?", (sale,))
        self.journal('payment', payment, [
                (BANK, None, gross, 0), (RECEIVABLE, customer, 0, gross)])
        ex('COMMIT')
        times.append(clock() - t)
        return times


def check(conn, cycles):
    one = lambda q: conn.execute(q).fetchone()[0]
    assert one("SELECT count(*) FROM sale WHERE state = 'done'") == cycles
    assert one('SELECT count(*) FROM invoice WHERE open <> 0') == 0
    assert one('SELECT count(*) FROM reservation') == 0
    assert one('SELECT sum(debit) - sum(credit) FROM journal_line') == 0
    assert one('SELECT sum(qty) FROM move') == one(
        'SELECT sum(qty - remaining) FROM layer')
    assert one('SELECT sum(cost) FROM move') == one(
        'SELECT sum((qty - remaining) * cost) FROM layer')


AGING = """
SELECT a.customer_id, c.name, a.d0, a.d30, a.d60, a.d90, a.total FROM (
    SELECT customer_id,
        sum(CASE WHEN due >= :d0 THEN open ELSE 0 END) AS d0,
        sum(CASE WHEN due < :d0 AND due >= :d30 THEN open ELSE 0 END) AS d30,
        sum(CASE WHEN due < :d30 AND due >= :d60 THEN open ELSE 0 END) AS d60,
        sum(CASE WHEN due < :d60 THEN open ELSE 0 END) AS d90,
        sum(open) AS total
    FROM invoice INDEXED BY invoice_open WHERE open <> 0 GROUP BY customer_id
    ) a JOIN customer c ON c.id = a.customer_id"""
LATEST = """
SELECT s.id, s.number, s.date, c.name, s.net, s.tax, s.state
FROM sale s JOIN customer c ON c.id = s.customer_id
ORDER BY s.date DESC, s.id DESC LIMIT 50"""
NEXT = """
SELECT s.id, s.number, s.date, c.name, s.net, s.tax, s.state
FROM sale s JOIN customer c ON c.id = s.customer_id
WHERE (s.date, s.id) < (:date, :id)
ORDER BY s.date DESC, s.id DESC LIMIT 50"""
AVAILABILITY = """
SELECT p.id, p.sku, p.name, coalesce(l.q, 0), coalesce(r.q, 0),
    coalesce(l.q, 0) - coalesce(r.q, 0)
FROM product p
LEFT JOIN (SELECT product_id, sum(remaining) AS q FROM layer
    WHERE remaining > 0 GROUP BY product_id) l ON l.product_id = p.id
LEFT JOIN (SELECT product_id, sum(qty) AS q FROM reservation
    GROUP BY product_id) r ON r.product_id = p.id"""


def timed(func, runs=9):
    samples = []
    for i in range(runs + 1):
        t = time.perf_counter()
        rows = func()
        if i:
            samples.append((time.perf_counter() - t) * 1000)
    return {'median_ms': round(statistics.median(samples), 3),
        'rows': len(rows)}


def report_queries(conn):
    today = dt.date.today()
    terms = {'d%d' % d: str(today - dt.timedelta(days=d))
        for d in (0, 30, 60)}
    n, = conn.execute('SELECT count(*) FROM sale').fetchone()
    middle = conn.execute('SELECT date, id FROM sale ORDER BY date, id '
        'LIMIT 1 OFFSET ?', (n // 2,)).fetchone() or ('', 0)
    return {
        'aging': timed(lambda: conn.execute(AGING, terms).fetchall()),
        'latest_50_sales': timed(lambda: conn.execute(LATEST).fetchall()),
        'keyset_page_in_middle': timed(lambda: conn.execute(
                NEXT, {'date': middle[0], 'id': middle[1]}).fetchall()),
        'stock_availability': timed(lambda: conn.execute(AVAILABILITY).fetchall()),
        }


def bulk_rows(n, customers, open_share, rng):
    """(sale rows, invoice rows); three years of documents, the open ones are
    the latest, as in an office where people do pay in the end."""
    today = dt.date.today()
    days = [str(today - dt.timedelta(days=d)) for d in range(1200)]
    first_open = n - int(n * open_share)
    for i in range(1, n + 1):
        if i > first_open and open_share < 1:
            age = 119 - (119 * (i - first_open)) // max(1, n - first_open)
        else:
            age = 1095 - (1095 * i) // n
        net = rng.randint(2000, 200000)
        tax = (net + 5) // 10
        customer = rng.randint(1, customers)
        opened = net + tax if i > first_open else 0
        yield (
            (i, 'S%07d' % i, None, customer, days[age], 'done', net, tax),
            (i, 'I%07d' % i, i, customer, days[age],
                str(today - dt.timedelta(days=age - 30)), net, tax, opened))


def chunks(iterable, size):
    chunk = []
    for item in iterable:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def customers_for(n):
    return {1000: 100, 100_000: 5000, 1_000_000: 20_000}.get(
        n, max(50, n // 20))


def run_reports(args, folder):
    result = {}
    for n in [int(x) for x in args.reports.split(',')]:
        for share in (0.1, 1.0):
            path = os.path.join(folder, 'r%d-%s.db' % (n, share))
            conn = connect(path, 'OFF')
            conn.executescript(SCHEMA)
            masters(conn, customers_for(n), args.report_products, 3, 100)
            rng = random.Random(args.seed)
            conn.execute('BEGIN')
            for chunk in chunks(
                    bulk_rows(n, customers_for(n), share, rng), 20_000):
                conn.executemany('INSERT INTO sale VALUES '
                    '(?, ?, ?, ?, ?, ?, ?, ?)', [c[0] for c in chunk])
                conn.executemany('INSERT INTO invoice VALUES '
                    '(?, ?, ?, ?, ?, ?, ?, ?, ?)', [c[1] for c in chunk])
            open_orders = min(n // 10, 2000)
            conn.executemany('INSERT INTO sale_line VALUES '
                '(?, 0, ?, 1, 100, 100)', [
                    (n - i, rng.randint(1, args.report_products))
                    for i in range(open_orders)])
            conn.execute('INSERT INTO reservation SELECT sale_id, pos, '
                'product_id, qty FROM sale_line')
            conn.execute('COMMIT')
            conn.execute('ANALYZE')
            key = '%d_invoices_%d%%_open' % (n, share * 100)
            result[key] = report_queries(conn)
            conn.close()
            for name in os.listdir(folder):
                os.unlink(os.path.join(folder, name))
    return result


def summary(samples):
    samples = sorted(samples)
    return {
        'median': round(statistics.median(samples) * 1000, 4),
        'p95': round(samples[min(len(samples) - 1,
                    int(len(samples) * .95))] * 1000, 4),
        'per_s': round(len(samples) / sum(samples), 1),
        }


def figures(args, system, db, stages, wall, cpu, extra):
    totals = [sum(c) for c in zip(*stages)]
    tenth = max(1, len(totals) // 10)
    return {
        'system': system, 'db': db, 'cycles': args.cycles,
        'customers': args.customers, 'products': args.products,
        'lines': args.lines, 'wall_s': round(wall, 3),
        'cycles_per_s': round(args.cycles / sum(totals), 2),
        'docs_per_s': round(DOCS_PER_CYCLE * args.cycles / sum(totals), 1),
        'cpu_ms_per_cycle': round(cpu / args.cycles * 1000, 4),
        'cycle_ms': summary(totals),
        'stages_ms': {s: summary(v) for s, v in zip(STAGES, stages)},
        'first_tenth_cycle_ms': round(
            statistics.median(totals[:tenth]) * 1000, 4),
        'last_tenth_cycle_ms': round(
            statistics.median(totals[-tenth:]) * 1000, 4),
        'transactions_per_cycle': 6,
        'peak_rss_mb': round(
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        **extra}


def arguments(doc, **db):
    p = argparse.ArgumentParser(description=doc.split('\n')[0])
    p.add_argument('--db', **db)
    p.add_argument('--cycles', type=int, default=1000)
    p.add_argument('--warmup', type=int, default=50)
    p.add_argument('--customers', type=int, default=100)
    p.add_argument('--products', type=int, default=200)
    p.add_argument('--layers', type=int, default=3)
    p.add_argument('--lines', type=int, default=5)
    p.add_argument('--reports', default='',
        help="comma-separated invoice counts, e.g. 1000,100000,1000000")
    p.add_argument('--report-products', type=int, default=10_000)
    p.add_argument('--seed', type=int, default=7)
    p.add_argument('--workdir', help="where the database file goes")
    return p


def layer_quantity(args):
    need = (args.cycles + args.warmup) * args.lines * 2 / args.products
    return int(need * 1.5 / args.layers) + 20


def baskets(args, count):
    rng = random.Random(args.seed)
    products = range(1, args.products + 1)
    for _ in range(count):
        yield rng.randint(1, args.customers), [
            (p, rng.randint(1, 3)) for p in rng.sample(products, args.lines)]


def main():
    p = arguments(__doc__, default='sqlite', choices=['sqlite'])
    p.add_argument('--sync', choices=['FULL', 'NORMAL'], default='FULL')
    args = p.parse_args()
    folder = tempfile.mkdtemp(prefix='floor-', dir=args.workdir)
    try:
        if args.reports:
            print(json.dumps({'system': 'floor sqlite3', 'db': 'sqlite',
                        'products': args.report_products,
                        'reports': run_reports(args, folder)}), flush=True)
            return
        path = os.path.join(folder, 'floor.db')
        conn = connect(path, args.sync)
        conn.executescript(SCHEMA)
        masters(conn, args.customers, args.products, args.layers,
            layer_quantity(args))
        cycle = Cycle(conn, args.lines)
        work = list(baskets(args, args.warmup + args.cycles))
        for customer, basket in work[:args.warmup]:
            cycle.run(customer, basket)
        rows = []
        cpu, wall = time.process_time(), time.perf_counter()
        for customer, basket in work[args.warmup:]:
            rows.append(cycle.run(customer, basket))
        wall = time.perf_counter() - wall
        cpu = time.process_time() - cpu
        check(conn, args.warmup + args.cycles)
        size = sum(os.path.getsize(os.path.join(folder, f))
            for f in os.listdir(folder)) / 1e6
        print(json.dumps(figures(args, 'floor sqlite3 ' +
                    sqlite3.sqlite_version, 'sqlite-' + args.sync,
                    list(zip(*rows)), wall, cpu, {
                        'db_size_mb': round(size, 1),
                        'reports': report_queries(conn)})), flush=True)
        conn.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    main()
