-- From the temporary table `line` (the current sales lines) to numbered members and the fact
-- table `sale`, in which every line carries the numbers of its regions.
INSERT INTO member
SELECT 'product', row_number() OVER (ORDER BY product), product, product
FROM (SELECT DISTINCT product FROM line WHERE product <> '');

INSERT INTO member
SELECT 'category', row_number() OVER (ORDER BY category), category, category
FROM (SELECT DISTINCT category FROM line WHERE category <> '');

INSERT INTO member
SELECT 'currency', row_number() OVER (ORDER BY currency), currency, currency
FROM (SELECT DISTINCT currency FROM line);

CREATE TEMP TABLE order_number AS
SELECT order_id, row_number() OVER ()::INTEGER AS id FROM (SELECT DISTINCT order_id FROM line);

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
    coalesce(a.own_1, 0) AS own_1,
    coalesce(a.own_2, 0) AS own_2,
    coalesce(a.own_3, 0) AS own_3,
    coalesce(a.own_4, 0) AS own_4,
    coalesce(p.id, 0) AS product,
    coalesce(c.id, 0) AS category,
    coalesce(m.id, 0) AS currency,
    o.id AS order_number,
    l.units_milli,
    l.revenue,
    l.cost,
    l.order_id,
    l.line,
    l.account AS account_key,
    l.rep
FROM line l
LEFT JOIN account a ON a.key = l.account
LEFT JOIN (SELECT id, key FROM member WHERE kind = 'product') p ON p.key = l.product
LEFT JOIN (SELECT id, key FROM member WHERE kind = 'category') c ON c.key = l.category
LEFT JOIN (SELECT id, key FROM member WHERE kind = 'currency') m ON m.key = l.currency
JOIN order_number o ON o.order_id = l.order_id
-- Neighbours in space lie together, so a filter by region reads few row groups.
ORDER BY country, state, district, municipality, account, day;
