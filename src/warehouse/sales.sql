-- From the temporary table `line` (the current sales lines) to numbered members and the fact
-- table `sale`, in which every line carries the numbers of its regions. The place in braces is for
-- the amounts in other currencies.
INSERT INTO member
SELECT 'product', row_number() OVER (ORDER BY product), product, product
FROM (SELECT DISTINCT product FROM line WHERE product <> '');

INSERT INTO member
SELECT 'category', row_number() OVER (ORDER BY category), category, category
FROM (SELECT DISTINCT category FROM line WHERE category <> '');

INSERT INTO member
SELECT 'rep', row_number() OVER (ORDER BY rep), rep, rep
FROM (SELECT DISTINCT rep FROM line WHERE rep <> '');

INSERT INTO member
SELECT 'currency', row_number() OVER (ORDER BY currency), currency, currency
FROM (SELECT DISTINCT currency FROM line);

INSERT INTO member VALUES ('abc', 1, 'A', 'A'), ('abc', 2, 'B', 'B'), ('abc', 3, 'C', 'C');

CREATE TEMP TABLE order_number AS
SELECT order_id, row_number() OVER ()::INTEGER AS id FROM (SELECT DISTINCT order_id FROM line);

-- The days on which an account bought, and what they are in its life: the first ever, the last
-- before twelve months without any, the first after such a break. That the last of all was the
-- last is known only when the data goes on for twelve months.
CREATE TEMP TABLE visit AS
SELECT
    account,
    day,
    before IS NULL AS is_first,
    coalesce(before + INTERVAL 1 YEAR <= day, false) AS is_return,
    coalesce(next, (SELECT max(day) FROM line)) >= day + INTERVAL 1 YEAR AS is_last
FROM (
    SELECT
        account,
        day,
        lag(day) OVER purchases AS before,
        lead(day) OVER purchases AS next
    FROM (SELECT DISTINCT account, day FROM line WHERE account <> '')
    WINDOW purchases AS (PARTITION BY account ORDER BY day)
)
WHERE is_first OR is_return OR is_last;

-- Which part of the revenue of the last twelve months of the data an account belongs to: A begins
-- before 80 % of it is reached, largest first, B before 95 %, C is the rest. Money of several
-- currencies makes no classes.
CREATE TEMP TABLE class AS
SELECT
    account,
    CASE WHEN begins < 0.80 * whole THEN 1 WHEN begins < 0.95 * whole THEN 2 ELSE 3 END AS abc
FROM (
    SELECT
        account,
        sum(revenue) OVER () AS whole,
        sum(revenue) OVER (ORDER BY revenue DESC, account) - revenue AS begins
    FROM (
        SELECT account, sum(revenue)::BIGINT AS revenue
        FROM line
        WHERE account <> '' AND day > (SELECT max(day) FROM line) - INTERVAL 1 YEAR
        GROUP BY account
        HAVING sum(revenue) > 0
    )
)
WHERE (SELECT count(DISTINCT currency) FROM line) = 1;

ALTER TABLE account ADD COLUMN abc INTEGER DEFAULT 0;

UPDATE account
SET abc = coalesce((SELECT c.abc FROM class c WHERE c.account = account.key), 3)
WHERE (SELECT count(*) > 0 FROM class);

CREATE TABLE sale AS
SELECT
    l.day,
    (year(l.day) * 12 + month(l.day) - 1)::INTEGER AS month,
    coalesce(a.id, 0) AS account,
    coalesce(a.country, 0) AS country,
    coalesce(a.state, 0) AS state,
    coalesce(a.government_district, 0) AS government_district,
    coalesce(a.district, 0) AS district,
    coalesce(a.municipality, 0) AS municipality,
    coalesce(a.postal, 0) AS postal,
    coalesce(a.postal_1, 0) AS postal_1,
    coalesce(a.postal_2, 0) AS postal_2,
    coalesce(a.postal_3, 0) AS postal_3,
    coalesce(a.nuts_1, 0) AS nuts_1,
    coalesce(a.nuts_2, 0) AS nuts_2,
    coalesce(a.nuts_3, 0) AS nuts_3,
    coalesce(a.h3, 0) AS h3,
    coalesce(a.stage, 0) AS stage,
    coalesce(a.industry, 0) AS industry,
    coalesce(a.abc, 0) AS abc,
    coalesce(a.own_1, 0) AS own_1,
    coalesce(a.own_2, 0) AS own_2,
    coalesce(a.own_3, 0) AS own_3,
    coalesce(a.own_4, 0) AS own_4,
    coalesce(p.id, 0) AS product,
    coalesce(c.id, 0) AS category,
    coalesce(r.id, 0) AS rep,
    coalesce(m.id, 0) AS currency,
    coalesce(v.is_first, false)::TINYINT AS is_first,
    coalesce(v.is_return, false)::TINYINT AS is_return,
    coalesce(v.is_last, false)::TINYINT AS is_last,
    o.id AS order_number,
    l.units_milli,
    l.revenue,
    l.cost,
    {converted}
    l.order_id,
    l.line,
    l.account AS account_key
FROM line l
LEFT JOIN account a ON a.key = l.account
LEFT JOIN visit v ON v.account = l.account AND v.day = l.day
LEFT JOIN (SELECT id, key FROM member WHERE kind = 'product') p ON p.key = l.product
LEFT JOIN (SELECT id, key FROM member WHERE kind = 'category') c ON c.key = l.category
LEFT JOIN (SELECT id, key FROM member WHERE kind = 'rep') r ON r.key = l.rep
LEFT JOIN (SELECT id, key FROM member WHERE kind = 'currency') m ON m.key = l.currency
JOIN order_number o ON o.order_id = l.order_id
-- Neighbours in space lie together, so a filter by region reads few row groups.
ORDER BY country, state, district, municipality, account, day;
