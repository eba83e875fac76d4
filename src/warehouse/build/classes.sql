-- Which part of the revenue of the last twelve months of the data an account belongs to: A begins
-- before 80 % of it is reached, largest first, B before 95 %, C is the rest. Money of several
-- currencies makes no classes. The braces are for the lines with the key of their account, and for
-- the last day of all lines.
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
        FROM {lines}
        WHERE account <> '' AND day > {last_day} - INTERVAL 1 YEAR
        GROUP BY account
        HAVING sum(revenue) > 0
    )
)
WHERE (SELECT count(DISTINCT currency) FROM {lines}) = 1
