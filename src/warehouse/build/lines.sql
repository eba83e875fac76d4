-- From the temporary tables `line` (sales lines), `order_number` and `visit` to rows of the fact
-- table `sale`, in which every line carries the numbers of its regions. The place in braces is for
-- the amounts in other currencies.
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
    l.account AS account_key,
    l.batch
FROM line l
LEFT JOIN account a ON a.key = l.account
LEFT JOIN visit v ON v.account = l.account AND v.day = l.day
LEFT JOIN (SELECT id, key FROM member WHERE kind = 'product') p ON p.key = l.product
LEFT JOIN (SELECT id, key FROM member WHERE kind = 'category') c ON c.key = l.category
LEFT JOIN (SELECT id, key FROM member WHERE kind = 'rep') r ON r.key = l.rep
LEFT JOIN (SELECT id, key FROM member WHERE kind = 'currency') m ON m.key = l.currency
JOIN order_number o ON o.order_id = l.order_id
